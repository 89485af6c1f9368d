"""Where the rays of perspective views lie in a panorama, by rotations of scipy.

Writes panorama.json beside this file. Made with Python 3, numpy and scipy of the versions it notes.
"""

import json
import pathlib

import numpy
import scipy
from scipy.spatial.transform import Rotation

WIDTH, HEIGHT = 1024, 512
VIEW = (384, 256)


def place(yaw, pitch, roll, focal, x, y):
    # x to the right, y up, z ahead; the rotations turn ahead to the right, then up, then the view
    # clockwise about its own axis.
    turn = (
        Rotation.from_rotvec([0, yaw, 0])
        * Rotation.from_rotvec([-pitch, 0, 0])
        * Rotation.from_rotvec([0, 0, -roll])
    )
    ray = numpy.array([x + 0.5 - VIEW[0] / 2, -(y + 0.5 - VIEW[1] / 2), focal])
    ray = turn.apply(ray / numpy.linalg.norm(ray))
    longitude = numpy.arctan2(ray[0], ray[2])
    latitude = numpy.arcsin(ray[1])
    column = (longitude / (2 * numpy.pi) + 0.5) * WIDTH - 0.5
    row = (0.5 - latitude / numpy.pi) * HEIGHT - 0.5
    return column, row


random = numpy.random.default_rng(5)
rays = []
for _ in range(64):
    yaw, pitch = random.uniform(-3.1, 3.1), random.uniform(-1.4, 1.4)
    roll, focal = random.uniform(-0.5, 0.5), random.uniform(120, 260)
    x, y = int(random.integers(VIEW[0])), int(random.integers(VIEW[1]))
    column, row = place(yaw, pitch, roll, focal, x, y)
    rays.append([yaw, pitch, roll, focal, x, y, column, row])

made = f"numpy {numpy.__version__}, scipy {scipy.__version__}"
document = {"made": made, "width": WIDTH, "height": HEIGHT, "view": VIEW, "rays": rays}
path = pathlib.Path(__file__).with_name("panorama.json")
path.write_text(json.dumps(document, indent=1) + "\n")
