using EdgeRuntime.Pipelines;

namespace EdgeRuntime.Realtime.Pictures;

/// <summary>Decodes PGM and PPM, as text (P2, P3) or binary (P5, P6), of 8 or 16 bits. The first picture of a file is taken.</summary>
internal static class NetpbmReader
{
    private const string Format = "PPM";

    public static bool Knows(ReadOnlySpan<byte> file) =>
        file.Length >= 3 && file[0] == 'P' && file[1] is (byte)'2' or (byte)'3' or (byte)'5' or (byte)'6' && IsSpace(file[2]);

    /// <summary>Always true: all variants that <see cref="Knows"/> accepts are read here.</summary>
    public static bool Read(ReadOnlySpan<byte> file, string name, Frame frame)
    {
        bool text = file[1] < '5', colour = file[1] is (byte)'3' or (byte)'6';
        int at = 2;
        int width = Number(file, ref at, name), height = Number(file, ref at, name), most = Number(file, ref at, name);
        PictureFile.CheckSize(name, Format, width, height);
        if (most is < 1 or > 65535) throw PictureFile.Broken(name, Format, $"its largest value is {most}; 1 to 65535 is possible");
        // One white space ends the header of a binary picture.
        if (!text) at++;
        int bytes = most > 255 ? 2 : 1, channels = colour ? 3 : 1;
        long samples = (long)width * height * channels;
        // A number of the text form is a digit and a separator at least, but for the last.
        long least = text ? 2 * samples - 1 : samples * bytes;
        if (least > file.Length - at)
            throw PictureFile.Broken(name, Format, $"{width} x {height} pixels need {least} bytes or more, the file has {Math.Max(0, file.Length - at)}");

        frame.Resize(width, height);
        Span<byte> pixels = frame.Pixels;
        for (int i = 0; i < samples; i++)
        {
            int value = text ? Number(file, ref at, name) : bytes == 1 ? file[at + i] : (file[at + 2 * i] << 8) | file[at + 2 * i + 1];
            if (value > most) throw PictureFile.Broken(name, Format, $"it has the value {value}, above its largest value {most}");
            byte sample = (byte)((value * 255L + most / 2) / most);
            if (colour) pixels[i] = sample;
            else pixels.Slice(3 * i, 3).Fill(sample);
        }
        return true;
    }

    private static int Number(ReadOnlySpan<byte> file, ref int at, string name)
    {
        while (at < file.Length && (IsSpace(file[at]) || file[at] == '#'))
        {
            if (file[at] == '#')
                while (at < file.Length && file[at] is not ((byte)'\n' or (byte)'\r')) at++;
            else at++;
        }
        int start = at;
        long value = 0;
        while (at < file.Length && char.IsAsciiDigit((char)file[at]) && value <= int.MaxValue) value = 10 * value + file[at++] - '0';
        if (at == start) throw PictureFile.Broken(name, Format, $"there is no number at byte {at}");
        if (value > int.MaxValue) throw PictureFile.Broken(name, Format, $"the number at byte {start} is too large");
        return (int)value;
    }

    private static bool IsSpace(byte b) => b is (byte)' ' or (byte)'\t' or (byte)'\n' or (byte)'\r' or 11 or 12;
}
