-- How many people, as an expression. One number in eleven ends in 7 (GB 11643), so these stand for all;
-- numbers of other kinds are few and counted.
11 * count(DISTINCT CASE WHEN id_key LIKE '%7' AND length(id_key) = 18 THEN id_key END)
    + count(DISTINCT CASE WHEN length(id_key) <> 18 THEN id_key END)
