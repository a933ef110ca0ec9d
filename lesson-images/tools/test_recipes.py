"""When is an image built again? Run with: python3 -m unittest discover lesson-images/tools"""

import pathlib
import tempfile
import unittest

import recipes


class Recipes(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.root = pathlib.Path(scratch.name)
        self.addCleanup(setattr, recipes, "ROOT", recipes.ROOT)
        recipes.ROOT = self.root
        self.image("base", "FROM gradus/debian", folder=self.root / "base")
        self.image("python", "FROM gradus/base")
        self.image("asks-python", "FROM gradus/python")
        self.image("other", "FROM gradus/base")

    def image(self, name, dockerfile, folder=None):
        folder = folder or self.root / "images" / name
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "Dockerfile").write_text(f"# {name}\n{dockerfile}\n")

    def hashes(self, **options):
        return {recipe.name: recipe.hash for recipe in recipes.load(**options)}

    def changed_by(self, act):
        before = self.hashes()
        act()
        after = self.hashes()
        return {name for name in after if before.get(name) != after[name]}

    def test_nothing_changes_by_itself(self):
        self.assertEqual(self.changed_by(lambda: None), set())

    def test_a_new_file_changes_its_image_and_what_stands_on_it(self):
        changed = self.changed_by(lambda: (self.root / "images/python/extra").write_text("x"))
        self.assertEqual(changed, {"python", "asks-python"})

    def test_a_file_made_executable_changes_its_image(self):
        path = self.root / "images/other/tool"
        path.write_text("x")
        self.assertEqual(self.changed_by(lambda: path.chmod(0o755)), {"other"})

    def test_a_change_of_the_base_changes_all_but_debian(self):
        changed = self.changed_by(lambda: (self.root / "base/extra").write_text("x"))
        self.assertEqual(changed, {"base", "python", "asks-python", "other"})

    def test_what_python_leaves_behind_changes_nothing(self):
        def leave():
            folder = self.root / "images/python/__pycache__"
            folder.mkdir()
            (folder / "x.pyc").write_text("x")

        self.assertEqual(self.changed_by(leave), set())

    def test_another_debian_changes_everything(self):
        self.assertFalse(set(self.hashes().values()) & set(self.hashes(registry_image="debian:bookworm-slim").values()))

    def test_parents_come_first(self):
        order = [recipe.name for recipe in recipes.load()]
        self.assertEqual(order[:2], ["debian", "base"])
        self.assertLess(order.index("python"), order.index("asks-python"))

    def test_one_image_brings_what_it_stands_on(self):
        wanted = recipes.select(recipes.load(), ["asks-python"])
        self.assertEqual([recipe.name for recipe in wanted], ["debian", "base", "python", "asks-python"])

    def test_an_image_without_a_parent_of_ours_is_refused(self):
        self.image("lost", "FROM scratch")
        with self.assertRaisesRegex(recipes.RecipeError, "lost.*FROM gradus"):
            recipes.load()

    def test_images_that_stand_on_each_other_are_refused(self):
        self.image("hen", "FROM gradus/egg")
        self.image("egg", "FROM gradus/hen")
        with self.assertRaisesRegex(recipes.RecipeError, "stand on nothing"):
            recipes.load()


if __name__ == "__main__":
    unittest.main()
