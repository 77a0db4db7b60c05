-- Takes proposed links and the decisions about them away.
DROP TABLE identity_decision;
DROP TABLE probable_link;
