-- Takes the signals of fund risk away, with the sample and what people have decided about them.
DROP TABLE quality_check;
DROP TABLE risk_memory;
DROP TABLE risk_review;
DROP TABLE risk_fact;
DROP TABLE risk_signal;
DROP TABLE risk_run;
