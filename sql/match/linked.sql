-- The rows of one extract under a number of a recipient.
SELECT e.*, k.person_id, k.own
FROM extract e
JOIN recipients_by_key k ON e.id_key = k.id_key
