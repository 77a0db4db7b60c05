-- How many of those handed out are to be answered by a day, added up like the other figures of the overview.
INSERT INTO candidate_tally SELECT 'due', c.district, CAST(d.reply_by AS TEXT), count(*)
FROM suspension_candidate c JOIN reply_deadline d ON d.candidate_id = c.candidate_id
WHERE c.status = 'dispatched' GROUP BY c.district, d.reply_by;
