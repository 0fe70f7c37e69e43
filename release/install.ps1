<#
.SYNOPSIS
Installs Pollux from its releases, on Windows.

.DESCRIPTION
    irm https://github.com/pollux-wasm/pollux/releases/latest/download/install.ps1 | iex

and, of another version or to remove it:

    & ([scriptblock]::Create((irm https://github.com/pollux-wasm/pollux/releases/latest/download/install.ps1))) -Version 0.1.0
    & ([scriptblock]::Create((irm https://github.com/pollux-wasm/pollux/releases/latest/download/install.ps1))) -Uninstall

POLLUX_INSTALL is the folder that gets bin\pollux.exe; without it ~\.local. POLLUX_RELEASES is the address of another server with
the same files. It needs curl.exe and tar.exe, which Windows has since 2018 (10, version 1803).
#>
param(
    [string] $Version = 'latest',
    [switch] $Uninstall
)

# In a function, so that its settings are not left behind in the session that `iex` runs this in.
function Install-Pollux {
    param([string] $Version, [bool] $Uninstall)

    $ErrorActionPreference = 'Stop'
    $releases = if ($env:POLLUX_RELEASES) { $env:POLLUX_RELEASES } else { 'https://github.com/pollux-wasm/pollux/releases' }
    $prefix = if ($env:POLLUX_INSTALL) { $env:POLLUX_INSTALL } else { Join-Path $HOME '.local' }
    $bin = Join-Path $prefix 'bin'
    $program = Join-Path $bin 'pollux.exe'

    if ($Uninstall) {
        if (-not (Test-Path $program)) { throw "there is no Pollux in ${prefix}: POLLUX_INSTALL names the folder it was installed into" }
        Remove-Item $program
        Write-Output "removed $program"
        return
    }

    # A 32-bit PowerShell has the machine's own in the second variable.
    $machine = if ($env:PROCESSOR_ARCHITEW6432) { $env:PROCESSOR_ARCHITEW6432 } else { $env:PROCESSOR_ARCHITECTURE }
    $cpu = if ($machine -eq 'AMD64') { 'x64' } else { $machine.ToLowerInvariant() }
    $name = "pollux-win32-$cpu"
    $from = if ($Version -eq 'latest') { "$releases/latest/download" } else { "$releases/download/v$($Version -replace '^v', '')" }

    # There, so that what is downloaded takes its place by a rename.
    $temporary = Join-Path $prefix ".pollux.$([guid]::NewGuid())"
    New-Item -ItemType Directory -Force -Path $bin, $temporary | Out-Null
    try {
        $sums = Join-Path $temporary 'SHA256SUMS'
        Get-ReleaseFile "$from/SHA256SUMS" $sums
        $line = Get-Content $sums | Where-Object { $_ -match "^[0-9a-f]{64}  $([regex]::Escape($name))\.tar\.gz$" }
        if (-not $line) { throw "the release ($Version) has nothing for win32-$cpu" }
        $expected = $line.Substring(0, 64)

        $archive = Join-Path $temporary "$name.tar.gz"
        Get-ReleaseFile "$from/$name.tar.gz" $archive
        $actual = (Get-FileHash -Algorithm SHA256 $archive).Hash.ToLowerInvariant()
        if ($actual -ne $expected) {
            throw "$from/$name.tar.gz is not what SHA256SUMS says: its sha256 is $actual, not $expected; nothing was installed"
        }
        # By its path: Git's tar, which may come first, takes C: for the name of a host.
        & "$env:SystemRoot\System32\tar.exe" -xzf $archive -C $temporary
        if ($LASTEXITCODE -ne 0) { throw "cannot unpack $name.tar.gz" }

        $unpacked = Join-Path $temporary "$name\bin\pollux.exe"
        $installed = & $unpacked --version
        if ($LASTEXITCODE -ne 0) { throw "the program does not run here; nothing was installed: $installed" }
        Move-Item -Force $unpacked $program
        Write-Output "$installed is in $program"
    }
    finally {
        Remove-Item -Recurse -Force $temporary
    }

    if (($env:Path -split ';') -notcontains $bin) {
        Write-Output "$bin is not on PATH; this puts it there for the terminals to come:"
        Write-Output "    [Environment]::SetEnvironmentVariable('Path', '$bin;' + [Environment]::GetEnvironmentVariable('Path', 'User'), 'User')"
    }
}

function Get-ReleaseFile {
    param([string] $Address, [string] $File)

    & "$env:SystemRoot\System32\curl.exe" --fail --silent --show-error --location --output $File $Address
    if ($LASTEXITCODE -ne 0) { throw "cannot download $Address" }
}

Install-Pollux -Version $Version -Uninstall $Uninstall.IsPresent
