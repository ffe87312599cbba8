"""Speed, measured as ratios in one run; figures are kept in README.md beside this file."""
