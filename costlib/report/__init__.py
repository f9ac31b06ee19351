"""Results into pages: formatting, figures, what a chapter shows, and re-running the book."""
