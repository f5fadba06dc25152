@echo off
rem Runs the command line of this clone from built files, with the Node that the installation has brought.
if not exist "%~dp0node_modules" (
  echo Run "npx --yes pnpm@12.4.2 install" in this repository first. 1>&2
  exit /b 2
)
set "HOLODECK_NODE=%~dp0node_modules\.bin\node.exe"
if not exist "%HOLODECK_NODE%" set "HOLODECK_NODE=node"
"%HOLODECK_NODE%" --conditions=@holodeck/source "%~dp0scripts\holodeck.mjs" %*
exit /b %errorlevel%
