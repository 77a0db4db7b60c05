-- How many rows of one extract have a usable number, and how many of these are recipients'.
SELECT count(*) AS usable, count(k.id_key) AS hits
FROM extract e
LEFT JOIN (SELECT DISTINCT id_key FROM recipients_by_key) k ON e.id_key = k.id_key
WHERE e.id_class IN ('valid18', 'valid15', 'permit')
