-- Deaths of the people concerned.
SELECT e.id_key AS person, e.died_on, e.kind
FROM extract e
JOIN people p ON e.id_key = p.person
ORDER BY person, died_on NULLS LAST, kind NULLS LAST
