-- Takes the figure away; the candidates stay.
ALTER TABLE suspension_candidate DROP COLUMN at_risk_fen;
