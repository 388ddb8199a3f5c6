"""Do two samples of texts differ, what changed, and which rows does no known class cover?"""
