-- The rows of one extract under a number by which a recipient is known.
SELECT e.*, k.person_id, k.own
FROM extract e
JOIN known_key k ON e.id_key = k.id_key
