"""Photos by name: every dataset's official layout (made small), splits, and clear refusals."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, features
from torchvision.datasets import Places365

from colorlab.data.photos import PHOTO_SUFFIXES, PathList, list_photos
from colorlab.data.samples import sample_paths, sample_photos
from colorlab.data.sources import (
    DATASETS,
    open_photos,
    source_name,
    training_photos,
    training_splits,
)


def write(path: Path, value: int = 100) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", (20, 10), (value, 50, 200)).save(path)
    return path


def names(photos: object) -> list[str]:
    return [path.name for _, path in photos]  # type: ignore[attr-defined]


@pytest.fixture
def places365(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Three training photos, two validation, one test: the layout torchvision leaves behind."""
    root = tmp_path / "places365"
    train = ["/a/airfield/00000001.jpg 0", "/a/airfield/00000002.jpg 0", "/z/zoo/00000001.jpg 1"]
    val = ["Places365_val_00000001.jpg 1", "Places365_val_00000002.jpg 0"]
    test = ["Places365_test_00000001.jpg"]
    folders = {"train_standard": "data_256_standard", "val": "val_256", "test": "test_256"}
    for split, lines in {"train_standard": train, "val": val, "test": test}.items():
        for line in lines:
            write(root / folders[split] / line.split()[0].lstrip("/"))
        (root / f"places365_{split}.txt").write_text("\n".join(lines) + "\n")
    (root / "categories_places365.txt").write_text("/a/airfield 0\n/z/zoo 1\n")

    # torchvision knows the checksums of the full lists; these are the small ones'.
    def signed(file: str) -> tuple[str, str]:
        return file, hashlib.md5((root / file).read_bytes()).hexdigest()

    lists = {split: signed(file) for split, (file, _) in Places365._FILE_LIST_META.items()
             if (root / file).exists()}  # fmt: skip
    monkeypatch.setattr(Places365, "_FILE_LIST_META", lists)
    monkeypatch.setattr(Places365, "_CATEGORIES_META", signed("categories_places365.txt"))
    return tmp_path


@pytest.mark.parametrize(
    ("split", "expected"),
    [
        (None, ["00000001.jpg", "00000002.jpg", "00000001.jpg"]),
        ("train", ["00000001.jpg", "00000002.jpg", "00000001.jpg"]),
        ("val", ["Places365_val_00000001.jpg", "Places365_val_00000002.jpg"]),
        ("test", ["Places365_test_00000001.jpg"]),
    ],
)
def test_places365(places365: Path, split: str | None, expected: list[str]) -> None:
    photos = open_photos("places365", split, root=places365)
    assert names(photos) == expected
    photo, path = photos[0]
    assert photo.shape == (3, 10, 20)
    assert photo.dtype == torch.uint8
    assert path.is_file()


def test_places365_without_its_photos_says_what_is_missing(places365: Path) -> None:
    (places365 / "places365" / "val_256").rename(places365 / "elsewhere")
    with pytest.raises(FileNotFoundError) as caught:
        open_photos("places365", "val", root=places365)
    message = str(caught.value)
    assert str(places365 / "places365" / "val_256") in message
    assert "24 GB" in message
    assert DATASETS["places365"].page in message


def test_places365_with_a_damaged_list_is_refused(places365: Path) -> None:
    with (places365 / "places365" / "places365_val.txt").open("a") as file:
        file.write("Places365_val_00000003.jpg 0\n")
    with pytest.raises(FileNotFoundError, match="missing or incomplete"):
        open_photos("places365", "val", root=places365)


def test_food101(tmp_path: Path) -> None:
    base = tmp_path / "food-101"
    photos = {"train": ["apple_pie/1", "apple_pie/2", "waffles/7"], "test": ["waffles/9"]}
    for split, stems in photos.items():
        classes: dict[str, list[str]] = {}
        for stem in stems:
            write(base / "images" / f"{stem}.jpg")
            classes.setdefault(stem.split("/")[0], []).append(stem)
        (base / "meta").mkdir(exist_ok=True)
        (base / "meta" / f"{split}.json").write_text(json.dumps(classes))
    assert names(open_photos("food101", root=tmp_path)) == ["1.jpg", "2.jpg", "7.jpg"]
    assert names(open_photos("food101", "test", root=tmp_path)) == ["9.jpg"]
    with pytest.raises(ValueError, match="no split 'val' in food101; there are: train, test"):
        open_photos("food101", "val", root=tmp_path)


def test_imagenette(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    base = tmp_path / "imagenette2-320"
    write(base / "train" / "n01440764" / "n01440764_10026.JPEG")
    write(base / "train" / "n03888257" / "n03888257_1.JPEG")
    write(base / "val" / "n03888257" / "n03888257_2.JPEG")
    monkeypatch.setenv("COLORLAB_DATA", str(tmp_path))
    assert names(open_photos("imagenette")) == ["n01440764_10026.JPEG", "n03888257_1.JPEG"]
    assert names(open_photos("imagenette", "val")) == ["n03888257_2.JPEG"]


def test_imagenet_val_splits_alike_flat_and_in_class_folders(tmp_path: Path) -> None:
    files = [f"ILSVRC2012_val_{number:08d}.JPEG" for number in range(1, 31)]
    classes = ["n01440764", "n01443537", "n01484850"]
    for number, file in enumerate(files):
        write(tmp_path / "flat" / "imagenet" / "val" / file)
        write(tmp_path / "foldered" / "imagenet" / "val" / classes[-number % 3] / file)
    for split, count in (("train", 27), ("val", 3)):
        flat = names(open_photos("imagenet-val", split, root=tmp_path / "flat"))
        assert len(flat) == count
        assert flat == names(open_photos("imagenet-val", split, root=tmp_path / "foldered"))


@pytest.mark.parametrize("name", sorted(DATASETS))
def test_a_missing_dataset_names_files_size_and_page(name: str, tmp_path: Path) -> None:
    dataset = DATASETS[name]
    with pytest.raises(FileNotFoundError) as caught:
        open_photos(name, root=tmp_path)
    message = str(caught.value)
    assert all(str(tmp_path / place) in message for place in dataset.expects)
    assert dataset.size in message
    assert dataset.page in message
    assert ("download=True" in message) == dataset.downloads


def test_where_datasets_lie_must_be_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("COLORLAB_DATA", raising=False)
    with pytest.raises(ValueError, match="COLORLAB_DATA"):
        open_photos("food101")


def test_imagenet_is_not_downloaded(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="may not be downloaded freely"):
        open_photos("imagenet-val", root=tmp_path, download=True)


def test_a_folder_of_any_layout(tmp_path: Path) -> None:
    for place in ("b/x.png", "a/deep/y.JPG", "a-c/z.webp", "top.bmp", ".hidden/h.png", "a/.h.png"):
        write(tmp_path / place)
    (tmp_path / "notes.txt").write_text("no photo")
    expected = ["a/deep/y.JPG", "a-c/z.webp", "b/x.png", "top.bmp"]
    assert [path for _, path in open_photos(tmp_path)] == [tmp_path / name for name in expected]
    # pathlib's own search and order, seen from outside
    hidden = {tmp_path / ".hidden/h.png", tmp_path / "a/.h.png"}
    found = {p for p in tmp_path.rglob("*") if p.is_file() and p.suffix != ".txt"}
    assert list_photos(tmp_path) == sorted(found - hidden)


def test_a_folder_with_split_folders(tmp_path: Path) -> None:
    for name in ("train/1.png", "train/c/2.png", "val/3.png"):
        write(tmp_path / name)
    assert names(open_photos(tmp_path, "train")) == ["1.png", "2.png"]
    assert names(open_photos(tmp_path, "val")) == ["3.png"]
    assert len(open_photos(tmp_path)) == 3
    with pytest.raises(FileNotFoundError, match="no such folder"):
        open_photos(tmp_path, "test")
    with pytest.raises(ValueError, match="no split 'all'"):
        open_photos(tmp_path, "all")


@settings(deadline=None, max_examples=30)
@given(count=st.integers(2, 60))
def test_other_folders_are_split_nine_to_one(
    tmp_path_factory: pytest.TempPathFactory, count: int
) -> None:
    folder = tmp_path_factory.mktemp("photos")
    for number in range(count):
        (folder / f"{number:03d}.jpg").touch()
    everything = list(open_photos(folder).paths)
    train, val = (list(open_photos(folder, split).paths) for split in ("train", "val"))
    assert sorted(train + val) == everything
    assert len(val) == max(1, round(count / 10))
    assert (train, val) == (sorted(train), sorted(val))
    assert val == list(open_photos(folder, "val").paths)


def test_the_split_never_changes(tmp_path: Path) -> None:
    for number in range(40):
        (tmp_path / f"{number:03d}.jpg").touch()
    held_out = [path.stem for path in open_photos(tmp_path, "val").paths]
    assert held_out == ["004", "020", "022", "025"]


def test_a_text_file_lists_photos(tmp_path: Path) -> None:
    write(tmp_path / "photos" / "a.png", 10)
    absolute = write(tmp_path / "elsewhere" / "b.png", 20)
    listed = tmp_path / "list.txt"
    listed.write_text(f"photos/a.png\n\n  {absolute}\n")
    photos = open_photos(listed)
    assert [int(photo[0, 0, 0]) for photo, _ in photos] == [10, 20]
    listed.write_text("\n")
    with pytest.raises(FileNotFoundError, match="no photos listed"):
        open_photos(listed)


def test_several_sources_are_joined_in_order(tmp_path: Path) -> None:
    for name in ("scenes/train/1.png", "scenes/val/2.png", "food/train/3.png", "food/val/4.png"):
        write(tmp_path / name)
    for number in range(10):
        write(tmp_path / "plain" / f"p{number}.png")
    scenes, food, plain = (tmp_path / name for name in ("scenes", "food", "plain"))
    for both in (f"{scenes},{food}", f"{scenes} , {food}", [scenes, str(food)]):
        assert names(open_photos(both, "train")) == ["1.png", "3.png"]
        assert names(open_photos(both)) == ["1.png", "2.png", "3.png", "4.png"]
        assert source_name(both) == "scenes + food"
    # A folder without splits is split by itself, as it is alone.
    train, val = training_photos([food, plain])
    assert names(val) == ["4.png", *names(open_photos(plain, "val"))]
    assert len(train) == 1 + 9
    assert len(open_photos(f"sample,{scenes}", "val")) == 1 + 1


def test_each_joined_source_has_its_own_validation_split(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path / "own" / "train" / "1.png")
    write(tmp_path / "own" / "val" / "2.png")
    for split, stem in (("train", "3"), ("test", "4")):
        write(tmp_path / "food-101" / "images" / "waffles" / f"{stem}.jpg")
        listed = tmp_path / "food-101" / "meta" / f"{split}.json"
        listed.parent.mkdir(exist_ok=True)
        listed.write_text(json.dumps({"waffles": [f"waffles/{stem}"]}))
    monkeypatch.setenv("COLORLAB_DATA", str(tmp_path))
    train, val = training_photos(f"{tmp_path / 'own'},food101")
    assert (names(train), names(val)) == (["1.png", "3.jpg"], ["2.png", "4.jpg"])


def test_a_comma_in_a_folder_s_name_is_no_list(tmp_path: Path) -> None:
    write(tmp_path / "cats, dogs" / "1.png")
    assert names(open_photos(str(tmp_path / "cats, dogs"))) == ["1.png"]
    assert source_name(str(tmp_path / "cats, dogs")) == "cats, dogs"
    for wrong in (f"{tmp_path},", ",", "", []):
        with pytest.raises(ValueError, match="empty one"):
            open_photos(wrong)  # type: ignore[arg-type]
    with pytest.raises(FileNotFoundError, match="^nowhere is no folder"):
        open_photos(f"{tmp_path},nowhere")


@pytest.mark.parametrize("suffix", sorted(PHOTO_SUFFIXES))
def test_every_suffix_is_found_and_read(suffix: str, tmp_path: Path) -> None:
    """What a folder is searched for is what this installation can read."""
    kind = {".jfif": "JPEG", ".heic": "HEIF", ".heif": "HEIF", ".j2k": "JPEG2000"}.get(suffix)
    if suffix == ".avif" and not features.check("avif"):
        pytest.skip("this Pillow has no AVIF")
    place = tmp_path / f"photo{suffix.upper()}"
    Image.new("RGB", (20, 10), (100, 50, 200)).save(place, kind)
    (photo, path), *others = open_photos(tmp_path)
    assert (path, others) == (place, [])
    assert photo.shape == (3, 10, 20)
    assert np.abs(photo[:, 5, 10].numpy().astype(int) - [100, 50, 200]).max() < 12


def test_wrong_sources_are_refused(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="sample, places365, imagenet-val, food101"):
        open_photos("places")
    with pytest.raises(FileNotFoundError, match="no photos in"):
        open_photos(tmp_path)
    with pytest.raises(ValueError, match="is one photo"):
        open_photos(write(tmp_path / "one.png"))
    with pytest.raises(ValueError, match="one photo alone"):
        open_photos(tmp_path, "train")


def test_sample_photos_are_the_files_of_the_packages() -> None:
    photos = open_photos("sample")
    assert len(photos) == 9
    samples = sample_photos()
    for (photo, path), sample in zip(photos, samples, strict=True):
        assert path == sample.path
        assert np.array_equal(photo.permute(1, 2, 0).numpy(), sample.rgb)
    assert [p.name for p in sample_paths("flower", "coffee")] == ["flower.jpg", "coffee.png"]
    assert len(open_photos("sample", "train")) + len(open_photos("sample", "val")) == 9
    with pytest.raises(ValueError, match="no sample photo 'cat'; there are: astronaut"):
        sample_photos("cat")


def test_samples_agree_with_their_packages() -> None:
    """Pixel for pixel, but for the rocket: its colour profile says Adobe RGB."""
    import skimage.data
    from sklearn.datasets import load_sample_image

    for sample in sample_photos("astronaut", "chelsea", "coffee", "retina"):
        assert np.array_equal(sample.rgb, getattr(skimage.data, sample.name)())
    for sample in sample_photos("china", "flower"):
        assert np.array_equal(sample.rgb, load_sample_image(f"{sample.name}.jpg"))
    (rocket,) = sample_photos("rocket")
    assert not np.array_equal(rocket.rgb, skimage.data.rocket())


def test_training_splits() -> None:
    assert training_splits("food101") == ("train", "test")
    assert training_splits("places365") == ("train", "val")
    assert training_splits("some/folder") == ("train", "val")


@settings(deadline=None)
@given(st.lists(st.text(st.characters(exclude_characters="\0/"), min_size=1), max_size=20))
def test_path_list_behaves_like_a_list(texts: list[str]) -> None:
    paths = [Path("root") / text for text in texts if text < "\ud800" or text > "\udfff"]
    try:
        packed = PathList(paths)
    except UnicodeEncodeError:  # a lone surrogate is no file name
        return
    assert list(packed) == paths
    assert list(packed[1:-1]) == paths[1:-1]
    if paths:
        assert packed[-1] == paths[-1]
    with pytest.raises(IndexError):
        packed[len(paths)]
