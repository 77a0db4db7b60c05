DROP TABLE desk_notice;
DROP TABLE desk_export;
DROP TABLE desk_filter;
DROP TABLE desk_attachment;
DROP TABLE desk_assignment;
DROP TABLE desk_session;
DROP TABLE desk_account;
