using EdgeRuntime.Operators;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Backends.Cpu.Kernels;

/// <summary>
/// Resizes one axis or two neighbouring ones of bytes: nearest ones are copied, quantized numbers are mixed as <see cref="QuantizedTaps"/> says, first down whole rows, then across. A tile is a row of results.
/// </summary>
internal sealed unsafe class ByteResizeKernel : CpuKernel
{
    private readonly byte* x, y;
    private readonly int* scratch;
    private readonly long scratchInts;
    private readonly int inputRows, inputColumns, rows, columns, channels, zero, zeroY, low, high;
    private readonly float multiplier;
    private readonly bool signed, mixes, mixesPairs;
    private readonly (int Index, int Weight)[][] down, across;

    /// <summary>Binds the step.</summary>
    public ByteResizeKernel(CpuBinding binding, QuantizedTaps? taps, int pictures, int inputRows, int inputColumns, int channels, (int Index, int Weight)[][] down, (int Index, int Weight)[][] across)
    {
        x = (byte*)binding.Input(0).Data;
        y = (byte*)binding.Output(0).Data;
        signed = binding.Input(0).DataType == DataType.I8;
        (this.inputRows, this.inputColumns, this.channels, this.down, this.across) = (inputRows, inputColumns, channels, down, across);
        (rows, columns) = (down.Length, across.Length);
        mixes = taps is not null;
        // A window of one or two columns is rounded as it is mixed.
        mixesPairs = mixes && channels >= 8 && Array.TrueForAll(across, column => column.Length is 1 or 2);
        if (taps is not null)
        {
            (zero, zeroY, multiplier) = (taps.Zero, taps.ZeroY, taps.Multiplier);
            (low, high) = Requantize.Range(binding.Output(0).DataType);
            scratchInts = ((long)(inputColumns + columns) * channels + 15) / 16 * 16;
            scratch = (int*)binding.Allocate(scratchInts * binding.Workers * sizeof(int));
        }
        Tiles = checked(pictures * rows);
        Name = $"resize_{(signed ? "i8" : "u8")}{(mixes ? "" : "_nearest")}";
    }

    public override string Name { get; }

    public override int Tiles { get; }

    public override void Run(int first, int last, int worker)
    {
        for (int tile = first; tile < last; tile++)
        {
            byte* picture = x + (long)(tile / rows) * inputRows * inputColumns * channels, target = y + (long)tile * columns * channels;
            if (mixes) Mix(picture, down[tile % rows], target, scratch + worker * scratchInts);
            else Copy(picture + (long)down[tile % rows][0].Index * inputColumns * channels, target);
        }
    }

    private void Copy(byte* row, byte* target)
    {
        if (channels == 1)
        {
            for (int column = 0; column < columns; column++) target[column] = row[across[column][0].Index];
            return;
        }
        for (int column = 0; column < columns; column++, target += channels)
            new ReadOnlySpan<byte>(row + (long)across[column][0].Index * channels, channels).CopyTo(new Span<byte>(target, channels));
    }

    private void Mix(byte* picture, (int Index, int Weight)[] vertical, byte* target, int* own)
    {
        nint width = (nint)inputColumns * channels;
        if (vertical.Length == 2) ByteSums.Mix(picture + vertical[0].Index * width, picture + vertical[1].Index * width, own, width, signed, zero, vertical[0].Weight, vertical[1].Weight);
        else
            for (int i = 0; i < vertical.Length; i++) ByteSums.AddWeighted(picture + vertical[i].Index * width, own, width, signed, zero, vertical[i].Weight, i == 0);
        if (mixesPairs)
        {
            for (int column = 0; column < columns; column++, target += channels)
            {
                (int Index, int Weight) left = across[column][0], right = across[column].Length > 1 ? across[column][1] : (left.Index, 0);
                ByteSums.MixRequantized(own + (nint)left.Index * channels, own + (nint)right.Index * channels, left.Weight, right.Weight, target, channels, multiplier, zeroY, low, high);
            }
            return;
        }
        int* sums = own + width, sum = sums;
        for (int column = 0; column < columns; column++, sum += channels)
        {
            (int Index, int Weight)[] horizontal = across[column];
            for (int i = 0; i < horizontal.Length; i++) ByteSums.AddWeighted(own + (nint)horizontal[i].Index * channels, sum, channels, horizontal[i].Weight, i == 0);
        }
        ByteSums.Requantized(sums, target, (nint)columns * channels, 0, multiplier, zeroY, low, high);
    }
}
