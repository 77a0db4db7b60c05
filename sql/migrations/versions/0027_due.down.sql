-- Those handed out are counted one by one again.
DELETE FROM candidate_tally WHERE figure = 'due';
