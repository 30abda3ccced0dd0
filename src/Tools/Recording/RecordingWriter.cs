using System.Buffers.Binary;
using System.Collections.Concurrent;
using EdgeRuntime.Diagnostics;
using EdgeRuntime.Format;
using EdgeRuntime.Pipelines;

namespace EdgeRuntime.Tools.Recording;

/// <summary>
/// Appends chunks to a file on a thread of its own, which packs pictures, too. Whoever gives it more than it can write waits: nothing is left out of a recording. A disk that is full ends the recording and not the run.
/// </summary>
internal sealed class RecordingWriter : IDisposable
{
    private const int Pictures = 4, Waiting = 256;

    private readonly BlockingCollection<(ChunkKind Kind, byte[]? Bytes, Frame? Picture)> queue = new(Waiting);
    private readonly BlockingCollection<Frame> free = [];
    private readonly PictureCodec codec = new();
    private readonly FileStream file;
    private readonly Action<string> failed;
    private readonly Thread thread;

    /// <summary>Begins a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="failed">Told once, by the thread that writes, why no more is written.</param>
    public RecordingWriter(string path, Action<string> failed)
    {
        this.failed = failed;
        for (int i = 0; i < Pictures; i++) free.Add(new Frame());
        try
        {
            file = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.Read, bufferSize: 0);
            file.Write(RecordingFormat.Magic);
            Length = file.Length;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new EdgeException(ErrorCode.CannotWrite, $"'{path}' cannot be written: {e.Message}", "Give --record another place.");
        }
        thread = new Thread(Run) { IsBackground = true, Name = "EdgeRuntime recording" };
        thread.Start();
    }

    /// <summary>What went wrong, or null.</summary>
    public string? Failure { get; private set; }

    /// <summary>Bytes that were written.</summary>
    public long Length { get; private set; }

    /// <summary>Appends a chunk.</summary>
    public void Append(ChunkKind kind, byte[] bytes) => queue.Add((kind, bytes, null));

    /// <summary>Appends a picture, of which a copy is taken.</summary>
    public void Append(Frame picture)
    {
        Frame copy = free.Take();
        copy.Resize(picture.Width, picture.Height, picture.Format);
        picture.Pixels.CopyTo(copy.Pixels);
        (copy.Index, copy.Time) = (picture.Index, picture.Time);
        queue.Add((ChunkKind.Picture, null, copy));
    }

    /// <summary>Writes what waits, and closes the file.</summary>
    public void Dispose()
    {
        if (queue.IsAddingCompleted) return;
        queue.CompleteAdding();
        thread.Join();
        file.Dispose();
    }

    private void Run()
    {
        foreach ((ChunkKind kind, byte[]? bytes, Frame? picture) in queue.GetConsumingEnumerable())
        {
            // After a failure the queue is still emptied, so that nobody waits for room in it.
            if (Failure is null) Write(kind, bytes ?? codec.Encode(picture!));
            if (picture is not null) free.Add(picture);
        }
    }

    private void Write(ChunkKind kind, byte[] bytes)
    {
        var chunk = new byte[RecordingFormat.HeadLength + bytes.Length + RecordingFormat.CheckLength];
        BinaryPrimitives.WriteInt32LittleEndian(chunk, (int)kind);
        BinaryPrimitives.WriteInt32LittleEndian(chunk.AsSpan(4), bytes.Length);
        bytes.CopyTo(chunk, RecordingFormat.HeadLength);
        int end = chunk.Length - RecordingFormat.CheckLength;
        BinaryPrimitives.WriteUInt32LittleEndian(chunk.AsSpan(end), Crc32C.Of(chunk.AsSpan(0, end)));
        try
        {
            file.Write(chunk);
            Length = file.Length;
        }
        catch (IOException e)
        {
            Failure = e.Message;
            failed(e.Message);
            // Of the last chunk a part may be there, which would be called damage later on.
            try
            {
                file.SetLength(Length);
            }
            catch (IOException)
            {
                // A disk that is gone keeps what it has: the reader takes what is whole.
            }
        }
    }
}
