-- Registered jobs of the people concerned, with their place.
SELECT e.id_key AS person, e.employer_uscc, e.hired_on, e.form, e.delivered_on, e.file, e.line
FROM extract e
JOIN people p ON e.id_key = p.person
WHERE e.employer_uscc IS NOT NULL
ORDER BY person, delivered_on, file, line
