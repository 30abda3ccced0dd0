using System.Diagnostics;
using EdgeRuntime.Operators;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Backends.Cpu.Kernels;

/// <summary>
/// Convolution as a product: each output pixel is a row of A, its taps the segments of the row. 1x1 convolution without stride
/// takes all pixels as one matrix. Else a tile is one row of output pixels, or a part of it where there are few rows, as in sound: where its windows lie inside the picture they are read in place, and
/// where they stick out, the input rows are first copied between zeros into the worker's scratch memory.
/// </summary>
internal sealed unsafe class ConvKernel<L, V> : CpuKernel where L : struct, ILanes<V> where V : unmanaged
{
    /// <summary>Pixels of a tile of a 1x1 convolution: their channels and a panel of weights fit the first-level cache.</summary>
    private const int TilePixels = 48;

    /// <summary>Pixels of a row that must be inside for its ends to be taken by themselves: fewer leave tiles of few rows.</summary>
    private const int LeastInside = 36;

    /// <summary>Parts of a row are multiples of this: tiles of four, six and twelve pixels fill them.</summary>
    private const int PartPixels = 12;

    /// <summary>Weights that each part of a row may read anew, in floats.</summary>
    private const int SmallWeights = 64 * 1024;

    /// <summary>More channels than this are better read one after the other.</summary>
    private const int MostPlanes = 4;

    private readonly ConvGeometry g;
    private readonly GemmPanels<L, V>[] groups;
    private readonly FastActivation activation;
    private readonly float* x, y, residual;
    private readonly int outputs, residualChannels, tapsPerSegmentRow, segments, panelsPerTile, panelTiles = 1, rowPixels, rowTiles = 1;
    private readonly nint segmentLength;

    // Offsets of the segments when read in place, and when read from scratch.
    private readonly nint* inPlace, copied;
    private readonly float* scratch;
    private readonly long scratchFloats;
    private readonly bool pointwise, planes;

    private ConvKernel(CpuBinding binding, Conv op, ConvGeometry geometry)
    {
        g = geometry;
        activation = new FastActivation(op.Activation);
        TensorView weight = binding.Input(1), bias = binding.Input(Conv.Bias), added = binding.Input(Conv.Residual);
        TensorView picture = g.Channels <= MostPlanes && g.KernelZ == 1 && op.Window.Axes == 2 && op.Groups == 1 && !g.IsPointwise ? binding.Planes(0) : default;
        planes = !picture.IsMissing;
        x = (float*)(planes ? picture : binding.Input(0)).Data;
        y = (float*)binding.Output(0).Data;
        residual = added.IsMissing ? null : (float*)added.Data;
        residualChannels = added.IsMissing ? 0 : added.Shape[-1];
        outputs = weight.Shape[0];
        int perGroup = weight.Shape[-1], outputsPerGroup = outputs / op.Groups, k = (int)weight.Shape.Product(1, weight.Shape.Rank);

        // A kernel row is one segment where its taps are neighbours in memory.
        bool joined = op.Groups == 1 && g.DilationX == 1;
        tapsPerSegmentRow = joined && !planes ? 1 : g.KernelX;
        segmentLength = planes ? 1 : joined ? g.KernelX * perGroup : perGroup;
        segments = planes ? k : g.KernelZ * g.KernelY * tapsPerSegmentRow;
        pointwise = g.IsPointwise;
        inPlace = planes ? PlaneOffsets(binding, g.SizeX, g.SizeY, g.DilationY) : Offsets(binding, g.SizeX * g.Channels, (long)g.SizeY * g.SizeX * g.Channels);
        if (g.SticksOut)
        {
            int width = g.NeededX * g.Channels;
            copied = planes ? PlaneOffsets(binding, g.NeededX, g.KernelY, 1) : Offsets(binding, width, (long)g.KernelY * width, dense: true);
            scratchFloats = (long)g.KernelZ * g.KernelY * width;
            scratch = (float*)binding.Scratch(scratchFloats * binding.Workers * sizeof(float));
        }

        groups = new GemmPanels<L, V>[op.Groups];
        for (int i = 0; i < groups.Length; i++)
        {
            float* groupBias = bias.IsMissing ? null : (float*)bias.Data + i * outputsPerGroup;
            groups[i] = new GemmPanels<L, V>(binding, k, outputsPerGroup, groupBias, Math.Clamp(residualChannels - i * outputsPerGroup, 0, outputsPerGroup), packed: true, input: 1, planes ? "conv planes" : $"conv {i}");
            if (!planes) groups[i].Pack((float*)weight.Data + (long)i * outputsPerGroup * k, 1, k);
            else if (!groups[i].IsPacked) PackPlanes((float*)weight.Data, k);
        }
        Tiles = (int)(pointwise ? (g.Pixels + TilePixels - 1) / TilePixels : g.Batch * g.OutZ * g.OutY);
        panelsPerTile = groups[0].Count;
        rowPixels = g.OutX;
        if (binding.Workers > 1 && Tiles > 0 && Tiles < 2 * binding.Workers)
        {
            // Few pixels, or a single row as of sound: the columns are what can be shared out. A function that is applied in a pass of its own over whole rows must wait for all of them.
            if (op.Groups == 1 && activation.Rest == null && (pointwise || (long)k * outputs > SmallWeights))
            {
                int wanted = (4 * binding.Workers + Tiles - 1) / Tiles;
                panelsPerTile = (groups[0].Count + wanted - 1) / wanted;
                panelTiles = (groups[0].Count + panelsPerTile - 1) / panelsPerTile;
                Tiles *= panelTiles;
            }
            else if (!pointwise)
            {
                int wanted = (2 * binding.Workers + Tiles - 1) / Tiles;
                rowPixels = Math.Min(g.OutX, (g.OutX + wanted * PartPixels - 1) / (wanted * PartPixels) * PartPixels);
                rowTiles = (g.OutX + rowPixels - 1) / rowPixels;
                Tiles *= rowTiles;
            }
        }
        Name = $"conv{(pointwise ? "1x1" : planes ? "_planes" : "")}_f32_{groups[0].Tile}";
    }

    public override string Name { get; }

    public override int Tiles { get; }

    public override bool ReadsPlanes => planes;

    public override void Run(int first, int last, int worker)
    {
        for (int tile = first; tile < last; tile++)
        {
            (int place, int panelTile) = Math.DivRem(tile, panelTiles);
            int panel = panelTile * panelsPerTile, lastPanel = Math.Min(panel + panelsPerTile, groups[0].Count);
            if (pointwise)
            {
                long pixel = (long)place * TilePixels;
                Rows(x + pixel * g.Channels, inPlace, pixel, (int)Math.Min(TilePixels, g.Pixels - pixel), panel, lastPanel);
            }
            else
            {
                (int line, int part) = Math.DivRem(place, rowTiles);
                OutputRow(line, part * rowPixels, Math.Min((part + 1) * rowPixels, g.OutX), panel, lastPanel, worker);
            }
        }
    }

    /// <summary>A maker; see <see cref="CpuKernels"/>.</summary>
    public static ConvKernel<L, V> Make(CpuBinding binding, Conv op, ConvGeometry geometry) => new(binding, op, geometry);

    private void OutputRow(int line, int begin, int end, int firstPanel, int lastPanel, int worker)
    {
        int row = line % g.OutY, plane = line / g.OutY % g.OutZ, image = line / g.OutY / g.OutZ;
        long firstPixel = (((long)image * g.OutZ + plane) * g.OutY + row) * g.OutX;
        float* picture = x + (long)image * g.SizeZ * g.SizeY * g.SizeX * g.Channels;
        int z = plane * g.StrideZ - g.PadZ, top = row * g.StrideY - g.PadY, step = planes ? 1 : g.Channels;
        if (!g.SticksOut || g.IsInside(z, top))
        {
            InPlace(begin, end);
            return;
        }
        // Of a long row, only the windows at its ends stick out.
        (int first, int last) = g.IsInsideRows(z, top) ? g.InsideX() : (0, 0);
        (first, last) = (Math.Clamp(first, begin, end), Math.Clamp(last, begin, end));
        if (last - first < LeastInside)
        {
            Copied(begin, end);
            return;
        }
        if (first > begin) Copied(begin, first);
        InPlace(first, last);
        if (last < end) Copied(last, end);

        void InPlace(int from, int to) =>
            Rows(picture + (((long)z * g.SizeY + top) * g.SizeX + from * g.StrideX - g.PadX) * step, inPlace, firstPixel + from, to - from, firstPanel, lastPanel);

        void Copied(int from, int to)
        {
            float* copy = scratch + worker * scratchFloats;
            if (planes) g.CopyPlanes(picture, top, copy, from, to);
            else g.CopyRows(picture, z, top, copy, from, to);
            Rows(copy + (long)from * g.StrideX * step, copied, firstPixel + from, to - from, firstPanel, lastPanel);
        }
    }

    /// <summary>A run of output pixels whose first window begins at <paramref name="origin"/>.</summary>
    private void Rows(float* origin, nint* offsets, long firstPixel, int count, int firstPanel, int lastPanel)
    {
        GemmTile tile = default;
        activation.Set(ref tile);
        tile.AStep = planes ? g.StrideX : g.StrideX * g.Channels;
        tile.Offsets = offsets;
        tile.Segments = segments;
        tile.Length = segmentLength;
        tile.YStep = outputs;
        tile.ResidualStep = residualChannels;
        int perGroup = g.Channels / groups.Length, outputsPerGroup = outputs / groups.Length;
        for (int i = 0; i < groups.Length; i++)
        {
            tile.A = origin + i * perGroup;
            tile.Y = y + firstPixel * outputs + i * outputsPerGroup;
            tile.Residual = residual == null ? null : residual + firstPixel * residualChannels + i * outputsPerGroup;
            groups[i].Multiply(ref tile, count, firstPanel, lastPanel);
        }
        activation.Rest?.Apply(y + firstPixel * outputs, y + firstPixel * outputs, (long)count * outputs);
    }

    /// <summary>The weights [outputs, rows, taps, channels] as [channels x rows x taps, outputs].</summary>
    private void PackPlanes(float* weight, int k)
    {
        using var turned = new AlignedBuffer((long)k * outputs * sizeof(float));
        float* target = (float*)turned.Data;
        int taps = k / g.Channels;
        for (int c = 0; c < g.Channels; c++)
            for (int tap = 0; tap < taps; tap++)
                for (int o = 0; o < outputs; o++) *target++ = weight[((long)o * taps + tap) * g.Channels + c];
        groups[0].Pack((float*)turned.Data, outputs, 1);
    }

    /// <summary>Where each tap of each plane is, relative to the window's first pixel; rows of a plane that count are <paramref name="rowSpacing"/> apart.</summary>
    private nint* PlaneOffsets(CpuBinding binding, long width, int planeRows, int rowSpacing)
    {
        nint* offsets = (nint*)binding.Allocate((long)segments * sizeof(nint)), at = offsets;
        for (int c = 0; c < g.Channels; c++)
            for (int ky = 0; ky < g.KernelY; ky++)
                for (int kx = 0; kx < g.KernelX; kx++)
                    *at++ = (nint)(((long)c * planeRows + ky * rowSpacing) * width + kx * g.DilationX);
        return offsets;
    }

    /// <summary>Where each segment begins, relative to the window's first pixel.</summary>
    private nint* Offsets(CpuBinding binding, long rowStep, long planeStep, bool dense = false)
    {
        nint* offsets = (nint*)binding.Allocate((long)segments * sizeof(nint));
        int at = 0;
        for (int kz = 0; kz < g.KernelZ; kz++)
            for (int ky = 0; ky < g.KernelY; ky++)
                for (int kx = 0; kx < tapsPerSegmentRow; kx++)
                    offsets[at++] = (nint)(kz * (dense ? 1 : g.DilationZ) * planeStep + ky * (dense ? 1 : g.DilationY) * rowStep + kx * g.DilationX * g.Channels);
        Debug.Assert(at == segments, "Each segment has its offset.");
        return offsets;
    }
}
