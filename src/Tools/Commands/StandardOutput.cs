using EdgeRuntime.Diagnostics;
using Microsoft.Win32.SafeHandles;

namespace EdgeRuntime.Tools.Commands;

/// <summary>
/// Standard output for streams of lines. <see cref="Console"/> swallows writes to a pipe that nobody reads any more, so a
/// camera would run on for ever behind `| head -1`; this one says so.
/// </summary>
internal sealed class StandardOutput : Stream
{
    private readonly Stream stream = Open();

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        try
        {
            stream.Write(buffer);
        }
        catch (IOException e) when (IsBrokenPipe(e))
        {
            throw new BrokenPipeException(e);
        }
        catch (IOException e)
        {
            throw new EdgeException(ErrorCode.CannotWrite, $"The standard output cannot be written: {e.Message}", "Where it goes to a file, make room on the disk.", e);
        }
    }

    public override void Flush() => stream.Flush();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    private static Stream Open()
    {
        if (OperatingSystem.IsWindows()) return Console.OpenStandardOutput();
        var file = new FileStream(new SafeFileHandle(1, ownsHandle: false), FileAccess.Write, bufferSize: 0);
        // Of a file it would keep a position of its own, and overwrite what others write to the same one.
        return file.CanSeek ? Console.OpenStandardOutput() : file;
    }

    // EPIPE; ERROR_BROKEN_PIPE and ERROR_NO_DATA.
    private static bool IsBrokenPipe(IOException e) => e.HResult is 32 or unchecked((int)0x8007006D) or unchecked((int)0x800700E8);
}

/// <summary>The reader of our standard output went away.</summary>
internal sealed class BrokenPipeException(Exception inner) : Exception("Nobody reads the standard output any more.", inner);
