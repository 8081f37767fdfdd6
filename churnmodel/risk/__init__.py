"""Who is likely to leave: candidates, how they are judged, and the one that is chosen."""
