<#
.SYNOPSIS
    Checks on a real Windows machine what could not be checked elsewhere (see docs/windows.md).

.DESCRIPTION
    Builds the sample, registers it as a package, lets COM start its server, registers its task,
    lets Windows run and cancel it, and removes the package again. Prints PASS or FAIL for every
    step, with its measurements. The exit code is the number of steps that failed.

    Needs Windows 10 version 2004 (build 19041) or later, developer mode, Rust, and a session that
    is not elevated. Starting a task at once may need an elevated session; if Windows refuses
    that, the script waits for the trigger: 15 to 30 minutes, with internet.

.PARAMETER Configuration
    release or debug. A debug build also shows whether Windows passes interface ids at addresses
    that Rust's debug assertions refuse (docs/windows.md, "What was checked, and what was not").

.PARAMETER WaitMinutes
    How long to wait for the trigger if the task cannot be started at once.

.EXAMPLE
    powershell -ExecutionPolicy Bypass -File examples\primes\verify.ps1
#>
[CmdletBinding()]
param(
    [ValidateSet('release', 'debug')]
    [string] $Configuration = 'release',
    [int] $WaitMinutes = 35
)

Set-StrictMode -Version 2
$ErrorActionPreference = 'Stop'

$Name = 'SamplePackagedWinMainBackgroundApp'
$Family = 'SamplePackagedWinMainBackgroundApp_h91ms92gdsmmt'
$Class = '14C5882B-35D3-41BE-86B2-5106269B97E6'
$First = '2, 3, 5, 7, 11, 13, 17, 19, 23, 29, '

$Sample = $PSScriptRoot
$Root = (Resolve-Path (Join-Path $Sample '..\..')).Path
$Layout = Join-Path $Root 'target\oncue\primes-verified'
$Said = Join-Path $Root 'target\oncue\primes-said.txt'
$Numbers = Join-Path $env:LOCALAPPDATA "Packages\$Family\LocalState\primes\numbersQueue.log"

$script:Failed = 0
$script:Passed = 0
$script:Stopped = $false
$script:TaskId = ''

# Runs one step, which passes unless it throws. If a required step fails, the following ones are skipped.
function Test-Step {
    param([string] $What, [scriptblock] $Do, [switch] $Needed)
    if ($script:Stopped) {
        Write-Host "FAIL  ${What}: skipped, because an earlier step failed"
        $script:Failed++
        return
    }
    try {
        $measured = & $Do
        Write-Host "PASS  $What"
        foreach ($line in @($measured)) {
            if ($line) { Write-Host "      $line" }
        }
        $script:Passed++
    } catch {
        Write-Host "FAIL  ${What}: $($_.Exception.Message)"
        $script:Failed++
        if ($Needed) { $script:Stopped = $true }
    }
}

# Waits until a condition holds, and returns the number of seconds.
function Wait-Until {
    param([scriptblock] $Holds, [double] $Seconds, [string] $What)
    $clock = [System.Diagnostics.Stopwatch]::StartNew()
    while (-not (& $Holds)) {
        if ($clock.Elapsed.TotalSeconds -gt $Seconds) { throw "$What did not happen within $Seconds s" }
        Start-Sleep -Milliseconds 100
    }
    return [math]::Round($clock.Elapsed.TotalSeconds, 1)
}

function Get-Server {
    return @(Get-CimInstance Win32_Process -Filter "Name = 'primes.exe'")
}

function Stop-Servers {
    foreach ($server in Get-Server) {
        Stop-Process -Id $server.ProcessId -Force -ErrorAction SilentlyContinue
    }
}

# Makes the sample register its task from inside its package, and returns its output.
function Register-Sample {
    if (Test-Path $Said) { Remove-Item -Force $Said }
    $program = Join-Path $Layout 'primes.exe'
    $line = "/d /c `"`"$program`" -RegisterSampleTask > `"$Said`" 2>&1`""
    Invoke-CommandInDesktopPackage -PackageFamilyName $Family -AppId 'App' -Command 'cmd.exe' `
        -Args $line -PreventBreakaway
    [void] (Wait-Until { (Test-Path $Said) -and (Get-Item $Said).Length -gt 0 } 60 'the answer of primes.exe')
    return (Get-Content -Raw $Said).Trim()
}

function Get-Numbers {
    if (Test-Path $Numbers) { return [System.IO.File]::ReadAllText($Numbers) }
    return ''
}

# ---- The machine -----------------------------------------------------------------------------

Test-Step 'Windows is build 19041 or later' -Needed {
    $build = [System.Environment]::OSVersion.Version.Build
    if ($build -lt 19041) { throw "it is build $build" }
    "build $build"
}

Test-Step 'developer mode is on' -Needed {
    $key = 'HKLM:\SOFTWARE\Microsoft\Windows\CurrentVersion\AppModelUnlock'
    $value = Get-ItemProperty -Path $key -ErrorAction SilentlyContinue
    $on = $value -and ($value.PSObject.Properties.Name -contains 'AllowDevelopmentWithoutDevLicense') -and
        $value.AllowDevelopmentWithoutDevLicense -eq 1
    if (-not $on) { throw 'switch it on in Settings, "For developers"' }
}

Test-Step 'this session is not elevated' {
    $me = New-Object Security.Principal.WindowsPrincipal([Security.Principal.WindowsIdentity]::GetCurrent())
    if ($me.IsInRole([Security.Principal.WindowsBuiltInRole]::Administrator)) {
        throw 'tasks of elevated sessions are known to fail; open an ordinary one'
    }
}

# ---- The package -----------------------------------------------------------------------------

Test-Step "the sample builds ($Configuration)" -Needed {
    $arguments = @('build', '--package', 'primes', '--manifest-path', (Join-Path $Root 'Cargo.toml'))
    if ($Configuration -eq 'release') { $arguments += '--release' }
    # Progress messages of cargo are not errors.
    $ErrorActionPreference = 'Continue'
    & cargo @arguments
    if ($LASTEXITCODE -ne 0) { throw "cargo ended with $LASTEXITCODE" }
}

Test-Step 'the package is laid out' -Needed {
    Stop-Servers
    $old = Get-AppxPackage -Name $Name
    if ($old) { $old | Remove-AppxPackage }
    if (Test-Path $Layout) { Remove-Item -Recurse -Force $Layout }
    New-Item -ItemType Directory -Force $Layout | Out-Null
    Copy-Item (Join-Path $Sample 'AppxManifest.xml') $Layout
    Copy-Item -Recurse (Join-Path $Sample 'Assets') $Layout
    Copy-Item (Join-Path $Root "target\$Configuration\primes.exe") $Layout
}

Test-Step 'Windows takes the manifest and the pictures' -Needed {
    Add-AppxPackage -Register (Join-Path $Layout 'AppxManifest.xml')
}

Test-Step 'the family name is the one that oncue computes' {
    $found = (Get-AppxPackage -Name $Name).PackageFamilyName
    if ($found -ne $Family) { throw "Windows says $found, oncue says $Family" }
}

# ---- The class -------------------------------------------------------------------------------

Test-Step 'COM starts the server for a client outside the package' {
    Stop-Servers
    $clock = [System.Diagnostics.Stopwatch]::StartNew()
    $object = [System.Activator]::CreateInstance([System.Type]::GetTypeFromCLSID([guid] $Class))
    $took = [math]::Round($clock.Elapsed.TotalMilliseconds)
    $servers = Get-Server
    [void] [System.Runtime.InteropServices.Marshal]::ReleaseComObject($object)
    if ($servers.Count -ne 1) { throw "$($servers.Count) servers are running" }
    "after $took ms, as: $($servers[0].CommandLine)"
    Stop-Servers
}

# ---- The task --------------------------------------------------------------------------------

Test-Step 'the sample registers its task from inside the package' -Needed {
    $text = Register-Sample
    if ($text -notmatch 'SampleTask is registered as \{?([0-9A-Fa-f-]{36})\}?') { throw $text }
    $script:TaskId = $Matches[1]
    $text
}

Test-Step 'registering it once more registers nothing' {
    $text = Register-Sample
    if ($text -notmatch [regex]::Escape($script:TaskId)) { throw $text }
}

Test-Step 'outside its package the sample is told that it has no identity' {
    $ErrorActionPreference = 'Continue'
    $text = (& (Join-Path $Layout 'primes.exe') -RegisterSampleTask 2>&1 | Out-String)
    if ($LASTEXITCODE -eq 0) { throw 'it registered a task' }
    "it says: $($text.Trim())"
}

Test-Step 'Windows runs the task' -Needed {
    Stop-Servers
    $before = (Get-Numbers).Length
    $how = 'at once'
    $seconds = 60
    try {
        Start-AppBackgroundTask -TaskID $script:TaskId
    } catch {
        $how = "by its trigger, because it cannot be started at once: $($_.Exception.Message)"
        $seconds = 60 * $WaitMinutes
        Write-Host "      waiting for the trigger, up to $WaitMinutes minutes"
    }
    $took = Wait-Until { (Get-Numbers).Length -gt $before } $seconds 'a number of the task'
    "$how, after $took s"
    foreach ($server in Get-Server) { "as: $($server.CommandLine)" }
}

Test-Step 'the task writes the primes from 2 on into its local folder' {
    $text = Get-Numbers
    if (-not $text.StartsWith($First)) { throw "$Numbers begins with $($text.Substring(0, [math]::Min(40, $text.Length)))" }
}

Test-Step 'the run goes on for more than 30 seconds' {
    # Most triggers permit 30 s; whether this applies to tasks with a class id is not documented.
    $since = [System.Diagnostics.Stopwatch]::StartNew()
    $before = Get-Server
    if ($before.Count -ne 1) { throw "$($before.Count) servers are running" }
    while ($since.Elapsed.TotalSeconds -lt 40 -and (Get-Server).Count -gt 0) { Start-Sleep -Milliseconds 250 }
    $took = [math]::Round($since.Elapsed.TotalSeconds)
    if ((Get-Server).Count -eq 0) { throw "it was ended after about $took s" }
}

Test-Step 'a cancelled run ends, and its server leaves' {
    if ((Get-Server).Count -eq 0) { throw 'no run is left to be cancelled' }
    $clock = [System.Diagnostics.Stopwatch]::StartNew()
    Get-AppxPackage -Name $Name | Remove-AppxPackage
    $took = Wait-Until { (Get-Server).Count -eq 0 } 30 'the end of the server'
    $all = [math]::Round($clock.Elapsed.TotalSeconds, 1)
    "$took s after the package was removed, which took $all s; it should have about 5 s"
}

# ---- Afterwards ------------------------------------------------------------------------------

# Nothing is left behind, even after a failure.
$script:Stopped = $false
Test-Step 'the package and its data are gone' {
    Stop-Servers
    $left = Get-AppxPackage -Name $Name
    if ($left) { $left | Remove-AppxPackage }
    if (Get-AppxPackage -Name $Name) { throw 'the package is still there' }
    [void] (Wait-Until { -not (Test-Path $Numbers) } 30 'the end of the local folder')
    Remove-Item -Recurse -Force $Layout -ErrorAction SilentlyContinue
    Remove-Item -Force $Said -ErrorAction SilentlyContinue
}

Write-Host ''
Write-Host "$($script:Passed) passed, $($script:Failed) failed, on $([System.Environment]::OSVersion.VersionString), $Configuration build"
exit $script:Failed
