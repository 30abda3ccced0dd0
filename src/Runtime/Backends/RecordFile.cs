using System.Globalization;
using System.Text;
using EdgeRuntime.Diagnostics;
using EdgeRuntime.Format;

namespace EdgeRuntime.Backends;

/// <summary>
/// A file of what was measured here. It is text: what it is for, then one line for each entry, then a checksum. What does not fit counts as absent, and is replaced; nobody needs what is in it, so nothing of it throws.
/// </summary>
/// <param name="path">The file.</param>
/// <param name="key">What it is for, whole lines; a file for anything else is none.</param>
internal sealed class RecordFile(string path, string key)
{
    /// <summary>Larger files are not read.</summary>
    public const int MostBytes = 8 << 20;

    /// <summary>The file's name.</summary>
    public string Path => path;

    /// <summary>What went wrong with the file last; null for nothing.</summary>
    public string? Problem { get; private set; }

    /// <summary>The lines between key and checksum; null where there are none to be trusted.</summary>
    public string[]? Read()
    {
        try
        {
            if (!File.Exists(path)) return null;
            using FileStream stream = RegularFile.OpenRead(path);
            if (stream.Length > MostBytes) return Refuse("is too long");
            byte[] bytes = new byte[stream.Length];
            stream.ReadExactly(bytes);
            string file = Encoding.UTF8.GetString(bytes);
            if (!file.StartsWith(key, StringComparison.Ordinal)) return Refuse("is for something else");
            int last = file.LastIndexOf('\n', Math.Max(file.Length - 2, 0)) + 1;
            if (last < key.Length || file[last..] != $"{Checksum(file[..last])}\n") return Refuse("is damaged");
            return file[key.Length..last].Split('\n', StringSplitOptions.RemoveEmptyEntries);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return Refuse($"cannot be read: {e.Message}");
        }
    }

    /// <summary>Writes it anew, whole or not at all; false where that cannot be.</summary>
    public bool Write(IEnumerable<string> lines)
    {
        string text = key + string.Concat(lines.Select(line => line + "\n"));
        try
        {
            Directory.CreateDirectory(System.IO.Path.GetDirectoryName(path)!);
            AtomicFile.Write(path, stream => stream.Write(Encoding.UTF8.GetBytes($"{text}{Checksum(text)}\n")));
            Problem = null;
            return true;
        }
        catch (Exception e) when (e is EdgeException or IOException or UnauthorizedAccessException)
        {
            Problem = e is EdgeException edge ? edge.Problem : $"{path} cannot be written: {e.Message}";
            return false;
        }
    }

    private static string Checksum(string text) => Crc32C.Of(Encoding.UTF8.GetBytes(text)).ToString("x8", CultureInfo.InvariantCulture);

    private string[]? Refuse(string problem)
    {
        Problem = $"{path} {problem}";
        return null;
    }
}
