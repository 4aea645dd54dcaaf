# The same agent in the least memory that a long-lived program takes: it repeats what follows the id, under another name.
BEGIN { $| = 1 }
while (<STDIN>) {
  s/"input":/"output":/;
  print;
}
