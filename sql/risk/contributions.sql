-- Paid contributions of the people concerned, every insurance, with their place.
SELECT e.id_key AS person, e.employer_id, e.employer_uscc, e.employer_kind AS kind, e.insurance,
       e.settled_month, e.covered_month, e.payment_kind, e.base, e.received_on, e.delivered_on, e.file, e.line
FROM extract e
JOIN people p ON e.id_key = p.person
WHERE e.paid_flag = '1' AND e.valid = '1'
ORDER BY person, delivered_on, file, line
