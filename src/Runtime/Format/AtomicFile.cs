using EdgeRuntime.Diagnostics;

namespace EdgeRuntime.Format;

/// <summary>A file that appears whole or not at all: written beside its place under a temporary name, renamed at <see cref="Commit"/>.</summary>
internal sealed class AtomicFile : IDisposable
{
    /// <summary>How .NET reports ENOSPC and ERROR_DISK_FULL.</summary>
    private const int NoSpaceUnix = 28, NoSpaceWindows = unchecked((int)0x80070070);

    private readonly string target = "";
    private readonly EventHandler abandon;
    private bool committed;

    /// <summary>Creates the temporary file, so that a missing folder or permission shows before the work is done.</summary>
    /// <exception cref="EdgeException">The folder is missing or cannot be written (CannotWrite).</exception>
    public AtomicFile(string path)
    {
        Path = path;
        abandon = (_, _) => Dispose();
        try
        {
            target = Target(path);
            TemporaryPath = System.IO.Path.Combine(System.IO.Path.GetDirectoryName(target)!,
                $".{System.IO.Path.GetFileName(target)}.{Environment.ProcessId}-{Guid.NewGuid():N}.tmp");
            Stream = new FileStream(TemporaryPath, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.Read);
            // A process that is told to end, and so disposes of nothing, leaves no debris either.
            AppDomain.CurrentDomain.ProcessExit += abandon;
        }
        catch (Exception e) when (IsRefusal(e))
        {
            throw Refused(e);
        }
    }

    /// <summary>Where the file will be.</summary>
    public string Path { get; }

    /// <summary>Where it is written until then; another program may write it after <see cref="Stream"/> is closed.</summary>
    public string TemporaryPath { get; }

    /// <summary>The content. Errors of its methods are <see cref="IOException"/>; <see cref="Refused"/> turns them into ours.</summary>
    public FileStream Stream { get; }

    /// <summary>Writes a file in one go.</summary>
    /// <exception cref="EdgeException">It cannot be written (CannotWrite); nothing is left behind.</exception>
    public static void Write(string path, Action<Stream> content)
    {
        using var file = new AtomicFile(path);
        try
        {
            content(file.Stream);
        }
        catch (Exception e) when (IsRefusal(e))
        {
            throw file.Refused(e);
        }
        file.Commit();
    }

    /// <summary>Closes the stream and gives the file its name, replacing what was there.</summary>
    /// <exception cref="EdgeException">The disk is full or the name cannot be taken (CannotWrite).</exception>
    public void Commit()
    {
        try
        {
            if (Stream.CanWrite)
            {
                Stream.Flush(flushToDisk: true);
                Stream.Dispose();
            }
            File.Move(TemporaryPath, target, overwrite: true);
            committed = true;
        }
        catch (Exception e) when (IsRefusal(e))
        {
            throw Refused(e);
        }
    }

    /// <summary>Removes the temporary file unless it was committed.</summary>
    public void Dispose()
    {
        AppDomain.CurrentDomain.ProcessExit -= abandon;
        try
        {
            Stream.Dispose();
        }
        catch (IOException) when (!committed)
        {
            // A full disk refuses the buffered rest once more; the file is thrown away in any case.
        }
        if (!committed) File.Delete(TemporaryPath);
    }

    /// <summary>The error for a failed write.</summary>
    public EdgeException Refused(Exception cause) => new(ErrorCode.CannotWrite,
        $"'{Path}' cannot be written: {Reason(cause)}", Remedy(cause), cause);

    /// <summary>What the system says, without the temporary name, which would only puzzle.</summary>
    private string Reason(Exception cause) => cause switch
    {
        DirectoryNotFoundException => $"there is no folder '{System.IO.Path.GetDirectoryName(target)}'.",
        FileNotFoundException => $"the system lets no file be created in '{System.IO.Path.GetDirectoryName(target)}'.",
        _ => cause.Message.Replace($" : '{TemporaryPath}'", "", StringComparison.Ordinal),
    };

    /// <summary>Where the file really is: a link stays a link.</summary>
    private static string Target(string path)
    {
        if (Directory.Exists(path)) throw new IOException("It is a folder.");
        var link = new FileInfo(path);
        // Renaming over /dev/null would take it away from every program.
        RegularFile.CheckReplaceable(path);
        return link.LinkTarget is null ? link.FullName : link.ResolveLinkTarget(returnFinalTarget: true)!.FullName;
    }

    private static string Remedy(Exception cause) => cause switch
    {
        DirectoryNotFoundException => "Create the folder first, or choose another.",
        UnauthorizedAccessException => "Choose a file in a folder that you may write to.",
        { HResult: NoSpaceUnix or NoSpaceWindows } => "Make room on the disk, or choose another place.",
        _ => "Check the name, the permissions and the space left on the disk, or choose another place.",
    };

    private static bool IsRefusal(Exception e) =>
        e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException;
}
