-- The rows of one extract without a usable number, and under nobody's number here, in the order of the files.
SELECT e.*
FROM extract e
LEFT JOIN recipients_by_key k ON e.id_key = k.id_key
WHERE k.id_key IS NULL
  AND e.id_class NOT IN ('valid18', 'valid15', 'permit')
ORDER BY e.delivered_on, e.file, e.line
