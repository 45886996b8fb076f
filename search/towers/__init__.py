"""The towers: everything that needs torch and open_clip, and nothing that does not.

`openclip` is the encoder and `captioning` the captioner that the rest of the program asks for;
`tower` is the embedded model's own network.
"""
