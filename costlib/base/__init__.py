"""What every floor rests on: words, numbers and tables as they are shown, errors, files and folders, arrays, draws."""
