using System.Buffers.Binary;
using System.Text;
using EdgeRuntime.Diagnostics;
using EdgeRuntime.Format;

namespace EdgeRuntime.Backends.OpenCl;

/// <summary>
/// The file that keeps what a driver compiled: one a device. It begins with what it is for (device and driver); each program has the digest of its text, the digests of the forms of kernels that are in it,
/// in their order, and its bytes; the end is a checksum. A form is found in whatever program it was compiled with. Drivers trust what they are given, so all of it must fit to the byte, or the file counts as absent.
/// </summary>
/// <param name="path">The file.</param>
/// <param name="device">Device and driver, one line.</param>
internal sealed class OpenClProgramFile(string path, string device)
{
    /// <summary>Larger files are neither written nor read.</summary>
    public const int MostBytes = 128 << 20;

    /// <summary>Hexadecimal digits of a digest.</summary>
    public const int KeyLength = 64;

    private const int EntryHead = KeyLength + 2 * sizeof(int);

    private readonly byte[] head = Encoding.UTF8.GetBytes($"EdgeRuntime programs 2\n{device}\n");
    private readonly Dictionary<string, KeptProgram> programs = new(StringComparer.Ordinal);
    private bool read;

    /// <summary>The file's name.</summary>
    public string Path => path;

    /// <summary>What went wrong with the file last; null for nothing.</summary>
    public string? Problem { get; private set; }

    /// <summary>Number of programs that are known.</summary>
    public int Count
    {
        get
        {
            Know();
            return programs.Count;
        }
    }

    /// <summary>A program that was compiled, by the digest of its text; null where that is not known.</summary>
    public KeptProgram? Find(string key)
    {
        Know();
        return programs.GetValueOrDefault(key);
    }

    /// <summary>The program that a form was compiled with; null where that is not known.</summary>
    /// <param name="form">Digest of the form.</param>
    public string? With(string form)
    {
        Know();
        return programs.FirstOrDefault(p => p.Value.Binary.Length > 0 && p.Value.Forms.Contains(form)).Key;
    }

    /// <summary>Forgets what the driver did not take.</summary>
    public void Forget(string key) => programs.Remove(key);

    /// <summary>Writes programs beside those that are known; where there is no room for all, the known are left out. A folder that cannot be written to is no error: the next start compiles again.</summary>
    public void Add(IReadOnlyDictionary<string, KeptProgram> compiled)
    {
        // Others may have written meanwhile.
        read = false;
        Know();
        long room = MostBytes - head.Length - sizeof(uint) - compiled.Values.Sum(Length);
        if (room < 0) return;
        foreach (string known in (string[])[.. programs.Keys.Where(k => !compiled.ContainsKey(k))])
            if ((room -= Length(programs[known])) < 0) programs.Remove(known);
        foreach ((string key, KeptProgram program) in compiled) programs[key] = program;
        using var file = new MemoryStream();
        file.Write(head);
        Span<byte> number = stackalloc byte[sizeof(int)];
        foreach ((string key, KeptProgram program) in programs)
        {
            file.Write(Encoding.ASCII.GetBytes(key));
            BinaryPrimitives.WriteInt32LittleEndian(number, program.Forms.Length);
            file.Write(number);
            BinaryPrimitives.WriteInt32LittleEndian(number, program.Binary.Length);
            file.Write(number);
            foreach (string form in program.Forms) file.Write(Encoding.ASCII.GetBytes(form));
            file.Write(program.Binary);
        }
        BinaryPrimitives.WriteUInt32LittleEndian(number, Crc32C.Of(file.GetBuffer().AsSpan(0, (int)file.Length)));
        file.Write(number);
        try
        {
            Directory.CreateDirectory(System.IO.Path.GetDirectoryName(path)!);
            AtomicFile.Write(path, stream => file.WriteTo(stream));
            Problem = null;
        }
        catch (Exception e) when (e is EdgeException or IOException or UnauthorizedAccessException)
        {
            Problem = e is EdgeException edge ? edge.Problem : $"{path} cannot be written: {e.Message}";
        }
    }

    private static long Length(KeptProgram program) => EntryHead + (long)program.Forms.Length * KeyLength + program.Binary.Length;

    /// <summary>Reads the file, once.</summary>
    private void Know()
    {
        if (read) return;
        read = true;
        programs.Clear();
        try
        {
            if (!File.Exists(path)) return;
            using FileStream stream = RegularFile.OpenRead(path);
            if (stream.Length < head.Length + sizeof(uint) || stream.Length > MostBytes)
            {
                Problem = $"{path} has a length that no such file has";
                return;
            }
            byte[] file = new byte[stream.Length];
            stream.ReadExactly(file);
            if (Parse(file) is not { } problem) return;
            programs.Clear();
            Problem = $"{path} {problem}";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Problem = $"{path} cannot be read: {e.Message}";
        }
    }

    /// <summary>Takes the programs; what is wrong, or null.</summary>
    private string? Parse(byte[] file)
    {
        if (!file.AsSpan(0, head.Length).SequenceEqual(head)) return "is for another device or driver";
        ReadOnlySpan<byte> content = file.AsSpan(0, file.Length - sizeof(uint));
        if (BinaryPrimitives.ReadUInt32LittleEndian(file.AsSpan(content.Length)) != Crc32C.Of(content)) return "is damaged";
        for (int at = head.Length; at < content.Length;)
        {
            if (content.Length - at < EntryHead) return "is cut off";
            int forms = BinaryPrimitives.ReadInt32LittleEndian(content[(at + KeyLength)..]), length = BinaryPrimitives.ReadInt32LittleEndian(content[(at + KeyLength + sizeof(int))..]);
            if (forms < 0 || length < 0 || (long)forms * KeyLength + length > content.Length - at - EntryHead) return "is cut off";
            string key = Encoding.ASCII.GetString(content.Slice(at, KeyLength)), digests = Encoding.ASCII.GetString(content.Slice(at + EntryHead, forms * KeyLength));
            at += EntryHead + forms * KeyLength;
            programs[key] = new KeptProgram(content.Slice(at, length).ToArray(), [.. Enumerable.Range(0, forms).Select(i => digests.Substring(i * KeyLength, KeyLength))]);
            at += length;
        }
        return null;
    }
}

/// <summary>A program as it is kept.</summary>
/// <param name="Binary">What the driver compiled; nothing where it is only known that it did.</param>
/// <param name="Forms">Digests of the forms in it, in the order of their functions' numbers.</param>
internal sealed record KeptProgram(byte[] Binary, string[] Forms);
