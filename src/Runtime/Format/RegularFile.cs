using System.Formats.Tar;

namespace EdgeRuntime.Format;

/// <summary>
/// Tells files from pipes, sockets and devices before they are opened: opening a pipe waits for whoever writes it, and a device
/// may never end.
/// </summary>
internal static class RegularFile
{
    private const string Refusal = "It is a pipe, a socket or a device, not a regular file.";

    /// <summary>Opens a file for reading.</summary>
    /// <exception cref="IOException">It is missing, or no regular file; and what else opening throws.</exception>
    public static FileStream OpenRead(string path)
    {
        if (!Is(path)) throw new IOException(Refusal);
        var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read);
        if (stream.CanSeek) return stream;
        // A pipe whose waiting bytes count as its length, as on macOS.
        stream.Dispose();
        throw new IOException(Refusal);
    }

    /// <summary>Throws when something is there that must not be replaced by a file.</summary>
    /// <exception cref="IOException">A pipe, a socket or a device has that name.</exception>
    public static void CheckReplaceable(string path)
    {
        if (!Is(path)) throw new IOException(Refusal);
    }

    /// <summary>False when a pipe, a socket or a device has that name, directly or through links; true also when there is nothing.</summary>
    public static bool Is(string path)
    {
        var file = new FileInfo(path);
        if (file.LinkTarget is not null)
        {
            if (file.ResolveLinkTarget(returnFinalTarget: true) is not FileInfo target) return true;
            // Linux' links for open pipes, such as /dev/stdin, lead to names that do not exist, though opening them works.
            if (!target.Exists) return !target.FullName.StartsWith("/proc/", StringComparison.Ordinal);
            file = target;
        }
        // The length of what is no regular file is 0; of what else is empty, the tar writer knows the type without opening it.
        return !file.Exists || file.Length > 0 || OperatingSystem.IsWindows() || TypeOf(file.FullName) is TarEntryType.RegularFile or TarEntryType.HardLink;
    }

    private static TarEntryType? TypeOf(string path)
    {
        using var archive = new MemoryStream();
        try
        {
            using (var writer = new TarWriter(archive, leaveOpen: true)) writer.WriteEntry(path, "file");
        }
        catch (IOException) when (archive.Length == 0)
        {
            // Archives cannot hold sockets.
            return null;
        }
        archive.Position = 0;
        using var reader = new TarReader(archive);
        return reader.GetNextEntry()?.EntryType;
    }
}
