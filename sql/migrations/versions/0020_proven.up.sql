-- What people have confirmed is added up for the overview without a look at every candidate.
CREATE INDEX candidate_proven ON suspension_candidate (district, overpaid_fen)
WHERE status IN ('confirmed', 'recovering', 'closed');
