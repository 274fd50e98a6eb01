@echo off
rem The command line of an installed Nightshift: its own binary run as Node, on the command-line entry in the archive.
setlocal
set ELECTRON_RUN_AS_NODE=1
"%~dp0..\..\Nightshift.exe" "%~dp0..\app.asar\out\main\cli.cjs" %*
