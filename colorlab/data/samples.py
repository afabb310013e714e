"""The sample photos, under their old address; they are in `colorlab.data.sources`."""

from colorlab.data.sources import SamplePhoto, sample_names, sample_paths, sample_photos

__all__ = ["SamplePhoto", "sample_names", "sample_paths", "sample_photos"]
