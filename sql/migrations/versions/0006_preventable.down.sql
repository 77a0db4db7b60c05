-- Takes the scheduled payments away; the next night tells them again.
DROP TABLE preventable;
