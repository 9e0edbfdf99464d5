"""The way through many photos.

folders   the panel at the left of the library: all photos, the folders they are in
filters   by what photos are narrowed, each choice with its count
timeline  when the photos beside it were taken, to jump by
"""
