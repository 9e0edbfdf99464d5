"""What is searched for.

query     the strip above an answer, and where to drop more examples
card      one example: its picture, the part of it that is meant, its weight
history   where a person was, to go back there and forth
searches  what a person saved by a name
"""
