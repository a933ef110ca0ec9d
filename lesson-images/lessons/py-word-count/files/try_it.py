"""A place to try things. Run it with: python3 try_it.py"""

from wordcount import count_words, top_words

text = """
The tea was cold. "More tea?" asked the host.
The guest said: yes, please (but not cold).
"""

print(count_words(text))
print(top_words(text, 3))
