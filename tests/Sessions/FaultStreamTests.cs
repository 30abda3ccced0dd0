using EdgeRuntime.Backends.Gpu;
using EdgeRuntime.Backends.OpenCl;
using EdgeRuntime.Backends.Vulkan;
using EdgeRuntime.Graphs;
using EdgeRuntime.Pipelines;
using EdgeRuntime.Planning;
using EdgeRuntime.Realtime.Sounds;
using EdgeRuntime.Sessions;
using EdgeRuntime.Tensors;
using EdgeRuntime.Tests.Backends;
using EdgeRuntime.Tests.Realtime;
using EdgeRuntime.Tools.Conversion;
using EdgeRuntime.Tools.Zoo;
using Silk.NET.Vulkan;
using Xunit;

namespace EdgeRuntime.Tests.Sessions;

/// <summary>Streams of frames with a memory while devices fail and come back: no frame is lost, and none differs from a stream without faults.</summary>
[Collection(nameof(Alone))]
public class FaultStreamTests(ITestOutputHelper output)
{
    private const int Frames = 2000, Faults = 50;

    private readonly FakeClock clock = new();

    private FailoverOptions EachFrameTested => new() { Clock = clock, Background = work => work(), SelfTestEvery = 1 };

    [Theory]
    [InlineData(1), InlineData(2), InlineData(3)]
    public void A_stream_of_integers_on_a_device_of_the_tests(int seed)
    {
        var devices = new List<FakeBackend>();
        FakeBackend Device()
        {
            // Convolutions are the CPU's, so that each frame crosses over four times.
            var device = new FakeBackend(step => step.Operator.Name == "Conv" ? "told so" : null) { Reopening = Device };
            devices.Add(device);
            return device;
        }
        FakeBackend first = Device(), second = new() { Reopening = () => new FakeBackend(), Traits = new BackendTraits("other", "another device", []) };
        Stream([first, second], seed, null, inParts: seed == 3);
        Assert.Equal(0, first.Disposals);
        Assert.All(devices.Skip(1), d => Assert.Equal(1, d.Disposals));
        Assert.All(devices.Append(second), d => Assert.Equal(0, d.LivePlans));
        first.Dispose();
        second.Dispose();
    }

    [Theory]
    [InlineData(VulkanDrivers.Lavapipe)]
    public void A_stream_of_integers_on_Vulkan(string driver)
    {
        var ledger = new VulkanLedger();
        using (var backend = VulkanBackend.Open(new VulkanOptions { Device = VulkanDrivers.Index(driver), Ledger = ledger, Tuning = GpuTuning.First, SelfTest = false }))
        {
            int live = ledger.Live;
            Stream([backend], 4, random => Call(ledger, random));
            ledger.Fault = null;
            Assert.True(ledger.Live - live is >= 0 and < 40, $"{live} handles before, now {ledger.Description}");
        }
        Assert.True(ledger.Live == 0, ledger.Description);
    }

    [Fact]
    public void A_stream_of_integers_on_OpenCL()
    {
        var ledger = new OpenClLedger();
        using (var backend = OpenClBackend.Open(OpenClDrivers.Options(OpenClDrivers.Pocl) with { Ledger = ledger }))
        {
            int live = ledger.Live;
            Stream([backend], 5, null);
            Assert.True(ledger.Live - live is >= 0 and < 40, $"{live} objects before, now {ledger.Description}");
        }
        Assert.True(ledger.Live == 0, ledger.Description);
    }

    /// <summary>Lets a call of the driver fail, once; what is called when a device is opened or prepared only needs one that went before.</summary>
    private static void Call(VulkanLedger ledger, Random random)
    {
        (string call, Result result) = ((string, Result)[])
        [
            ("vkQueueSubmit", Result.ErrorDeviceLost), ("vkQueueSubmit", Result.ErrorOutOfHostMemory), ("vkWaitForFences", Result.Timeout), ("vkWaitForFences", Result.ErrorDeviceLost),
            ("vkAllocateMemory", Result.ErrorOutOfDeviceMemory), ("vkCreateComputePipelines", Result.ErrorUnknown), ("vkCreateDevice", Result.ErrorInitializationFailed),
        ] is { } all ? all[random.Next(all.Length)] : default;
        bool isOfRuns = call is "vkQueueSubmit" or "vkWaitForFences", went = isOfRuns;
        ledger.Fault = name =>
        {
            if (!went && name == "vkQueueSubmit")
            {
                went = true;
                return Result.ErrorDeviceLost;
            }
            if (!went || name != call) return null;
            ledger.Fault = null;
            return result;
        };
    }

    /// <summary>Runs the stream with faults beside the same without; <paramref name="call"/> lets something fail below the contract of backends.</summary>
    private void Stream(IBackend[] devices, int seed, Action<Random>? call, bool inParts = false)
    {
        var random = new Random(seed);
        var faults = new FaultPlan();
        Graph graph = Networks.Integers();
        FaultyBackend[] faulty = [.. devices.Select(d => new FaultyBackend(d, faults))];
        using var session = new InferenceSession(graph, new SessionOptions { Threads = 1, Accelerators = faulty, Failover = EachFrameTested });
        using var undisturbed = new InferenceSession(graph, new SessionOptions { Threads = 1, Accelerators = devices, Failover = new() { Retry = false } });
        using var cpu = new InferenceSession(graph, new SessionOptions { Threads = 1, Accelerators = [] });
        InferenceSession[] all = [session, undisturbed, cpu];
        Assert.NotEqual("cpu", session.Placement!.Backends[0].Name);
        int onDevice = 0, planned = 0, next = 10;
        long memory = 0;
        using var x = new Tensor(session.Input(0).Type);
        for (int frame = 0; frame < Frames; frame++)
        {
            random.NextBytes(x.View.Bytes);
            clock.Advance(1);
            if (frame >= next && planned < Faults && session.StepBackends!.Any(b => b != "cpu"))
            {
                if (call is not null && planned % 2 == 0) call(random);
                else Plan(random, faults);
                planned++;
                next = frame + 1 + random.Next(Math.Max(0, Frames - 200 - frame) * 3 / 2 / Math.Max(1, Faults - planned) + 1);
            }
            if (inParts) RunInParts(session, x);
            else session.Run([x.View, session.Output(1)]);
            // Calls below would fail for the stream without faults.
            if (call is null || frame < 50) undisturbed.Run([x.View, undisturbed.Output(1)]);
            cpu.Run([x.View, cpu.Output(1)]);
            Assert.True(session.Input(0).Bytes.SequenceEqual(x.View.Bytes), $"The input of frame {frame} was written to.");
            for (int i = 0; i < graph.Outputs.Count; i++)
            {
                Assert.True(session.Output(i).Bytes.SequenceEqual(cpu.Output(i).Bytes), $"Output {i} of frame {frame} differs: {string.Join('\n', session.Events)}");
                if (call is null || frame < 50) Assert.True(undisturbed.Output(i).Bytes.SequenceEqual(cpu.Output(i).Bytes));
            }
            if (session.StepBackends!.Any(b => b != "cpu")) onDevice++;
            if (frame == Frames / 4) memory = GC.GetTotalMemory(forceFullCollection: true);
        }
        memory = GC.GetTotalMemory(forceFullCollection: true) - memory;
        output.WriteLine($"{session.Faults} faults, {session.EventCount - session.Faults} returns, {onDevice} frames with a device, {memory} bytes more");
        foreach (IGrouping<string, BackendEvent> kind in session.Events.GroupBy(e => $"{e.Kind} {e.Code}")) output.WriteLine($"{kind.Count(),4} {kind.Key}");
        Assert.Equal(Faults, planned);
        Assert.InRange(session.Faults, Faults * 2 / 3, 4 * Faults);
        Assert.True(onDevice > Frames / 4, $"Only {onDevice} frames had a device.");
        Assert.True(session.Events.Count(e => e.Kind == BackendEventKind.Return) > Faults / 4);
        Assert.InRange(memory, long.MinValue, 2 << 20);
        Assert.True(session.Events.DistinctBy(e => e.Code).Count() >= 4);
        Assert.Equal(0, undisturbed.Faults);
    }

    private static void RunInParts(InferenceSession session, Tensor x)
    {
        session.Output(1).Bytes.CopyTo(session.Input(1).Bytes);
        x.View.Bytes.CopyTo(session.Input(0).Bytes);
        while (!session.Advance(new TimeBudget(TimeSpan.FromMicroseconds(50)))) { }
    }

    private static void Plan(Random random, FaultPlan faults)
    {
        (FaultKind Kind, FaultPoint Point)[] kinds =
        [
            (FaultKind.Lost, FaultPoint.Run), (FaultKind.Timeout, FaultPoint.Run), (FaultKind.Memory, FaultPoint.Run), (FaultKind.Wrong, FaultPoint.Run), (FaultKind.Wrong, FaultPoint.Retest),
            (FaultKind.Lost, FaultPoint.Retest), (FaultKind.Memory, FaultPoint.Compile), (FaultKind.Refused, FaultPoint.Compile), (FaultKind.Lost, FaultPoint.Open),
        ];
        (FaultKind kind, FaultPoint point) = kinds[random.Next(kinds.Length)];
        faults.AddNext(kind, point);
        // What fails when a device comes back needs a device that went.
        if (point is FaultPoint.Compile or FaultPoint.Open) faults.AddNext(FaultKind.Lost, FaultPoint.Run);
    }

    [Theory]
    [InlineData(""), InlineData(VulkanDrivers.Lavapipe)]
    public void A_voice_detector_keeps_its_state(string driver)
    {
        const string model = "silero-vad-v6-16k";
        const int window = 512, context = 64, rate = 16000;
        Assert.SkipUnless(ModelCache.Default.Find(ModelZoo.Default.Get(model)) is not null, $"{model} is not on this machine: edgert models pull {model}");
        using LoadedModel loaded = ModelLoader.Load(model, stop: TestContext.Current.CancellationToken);
        float[] samples = SoundFile.Read(Repository.Data("speech", "jfk.wav"), rate);
        using IBackend device = driver.Length == 0 ? Fake() : VulkanBackend.Open(new VulkanOptions { Device = VulkanDrivers.Index(driver), Tuning = GpuTuning.First, SelfTest = false });
        var faults = new FaultPlan();
        using var session = new InferenceSession(loaded.Model.Graph, new SessionOptions { Threads = 1, Accelerator = new FaultyBackend(device, faults), Failover = EachFrameTested });
        using var alone = new InferenceSession(loaded.Model.Graph, new SessionOptions { Threads = 1, Accelerators = [] });
        var random = new Random(5);
        using Tensor x = new(new TensorType(DataType.F32, 1, window + context)), begin = new(new TensorType(DataType.F32, 2, 1, 128)), sampleRate = new(new TensorType(DataType.I64));
        sampleRate.Span<long>()[0] = rate;
        float most = 0, heard = 0;
        int windows = samples.Length / window - 1, onDevice = 0;
        for (int w = 0; w < windows; w++)
        {
            samples.AsSpan(w * window, window + context).CopyTo(x.Span<float>());
            // Time goes faster than the sound, so that devices come back within it.
            clock.Advance(1);
            if (w % 20 == 10) Plan(random, faults);
            float expected = Step(alone, w), actual = Step(session, w);
            most = Math.Max(most, Math.Abs(expected - actual));
            heard = Math.Max(heard, expected);
            if (session.StepBackends!.Any(b => b != "cpu")) onDevice++;
        }
        output.WriteLine($"{windows} windows, {onDevice} of them with a device, {session.Faults} faults, {session.EventCount - session.Faults} returns, largest difference {most}");
        Assert.True(heard > 0.9);
        Assert.InRange(most, 0, 0.002f);
        Assert.True(session.Faults > 8, $"{session.Faults} faults");
        Assert.True(onDevice > windows / 8, $"{onDevice} windows on a device");

        float Step(InferenceSession on, int w)
        {
            on.Run([x.View, w == 0 ? begin.View : on.Output(1), sampleRate.View]);
            return on.Output(0).Span<float>()[0];
        }

        static IBackend Fake() => new FakeBackend(step => step.Operator.Name == "Conv" ? "told so" : null) { Reopening = Fake };
    }

    [Fact]
    public void A_writer_writes_the_same_text()
    {
        using LoadedModel loaded = ModelLoader.Load(Repository.File("models", "generator.edge"), stop: TestContext.Current.CancellationToken);
        var faults = new FaultPlan();
        static IBackend Fake() => new FakeBackend(step => step.Operator.Name == "MatMul" ? "told so" : null) { Reopening = Fake };
        using IBackend device = Fake();
        using var writer = new TextGenerator(loaded.Model, new TextGeneratorOptions { Seed = 7, Threads = 1, Accelerator = new FaultyBackend(device, faults), Failover = EachFrameTested });
        using var alone = new TextGenerator(loaded.Model, new TextGeneratorOptions { Seed = 7, Threads = 1, Accelerators = [] });
        var random = new Random(8);
        writer.Read("It was ");
        alone.Read("It was ");
        for (int i = 0; i < 400; i++)
        {
            clock.Advance(1);
            if (i % 15 == 7) Plan(random, faults);
            Assert.Equal(alone.Next(), writer.Next());
        }
        Assert.True(writer.Session.Faults > 15, $"{writer.Session.Faults} faults");
    }
}
