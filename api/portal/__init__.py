"""The portal: public pages in three languages, rendered from the published entries and the tools' tables."""
