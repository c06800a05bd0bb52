"""Made-up sample data with a planted truth, and the real demo data."""
