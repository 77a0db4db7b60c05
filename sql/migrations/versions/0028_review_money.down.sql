-- What was kept back is counted no more; decisions stay as they are.
DROP TABLE review_money;
DELETE FROM candidate_tally WHERE figure = 'prevented';
