@echo off
rem Starts the edgert command of this checkout; builds it when it is missing or older than a source. See edgert, its twin.
setlocal
set "root=%~dp0"
set "build=%root%.build"
set "program=%build%\edgert\edgert.exe"
set DOTNET_NOLOGO=1
set DOTNET_CLI_TELEMETRY_OPTOUT=1
set MSBUILDDISABLENODEREUSE=1

if not exist "%program%" goto build
powershell -NoProfile -Command "$t = (Get-Item '%build%\edgert\started').LastWriteTime; $s = Get-ChildItem '%root%src', '%root%Directory.*.props', '%root%global.json' -Recurse -File | Where-Object { $_.FullName -notmatch '\\(bin|obj)\\' -and $_.LastWriteTime -gt $t } | Select-Object -First 1; exit [int]($null -ne $s)"
if not errorlevel 1 goto start

:build
where dotnet >nul 2>nul || (
    echo edgert: the .NET SDK is not installed. edgert is built from source on its first start and needs version 10: 1>&2
    echo   'winget install Microsoft.DotNet.SDK.10' or https://dotnet.microsoft.com/download. Then start edgert again. 1>&2
    exit /b 2
)
echo building EdgeRuntime (first use or changed sources, about a minute) ... 1>&2
if not exist "%build%" mkdir "%build%"
set "new=%build%\new.%RANDOM%"
mkdir "%new%"
type nul > "%new%\started"
set publish=dotnet publish "%root%src\Tools\EdgeRuntime.Tools.csproj" -c Release --nologo -v:minimal --use-current-runtime --self-contained false --artifacts-path "%build%\artifacts" -o "%new%" -p:UseSharedCompilation=false
pushd "%root%"
%publish% -p:PublishReadyToRun=true > "%build%\log" 2>&1 || %publish% > "%build%\log" 2>&1 || (
    type "%build%\log" 1>&2
    echo edgert: the build failed; its messages are above, and in %build%\log. 1>&2
    rmdir /s /q "%new%"
    popd
    exit /b 2
)
popd
if exist "%build%\edgert" rmdir /s /q "%build%\edgert"
move "%new%" "%build%\edgert" >nul || exit /b 2

:start
"%program%" %*
exit /b %ERRORLEVEL%
