#!/bin/sh
# Builds nothing: takes all pictures of the built console, light and dark, in both languages, into $1.
cd "$(dirname "$0")/.." || exit 1
for theme in light dark; do for lang in en zh-CN; do
  node dev/serve.mjs 18480 & pid=$!
  sleep 1
  node dev/look.mjs http://127.0.0.1:18480/console/ "$1/$theme-$lang" "$theme" "$lang"
  kill "$pid"
done; done
