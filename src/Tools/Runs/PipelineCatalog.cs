using EdgeRuntime.Diagnostics;
using EdgeRuntime.Format;
using EdgeRuntime.Sessions;
using EdgeRuntime.Tools.Commands;
using EdgeRuntime.Tools.Media;
using EdgeRuntime.Tools.Recording;

namespace EdgeRuntime.Tools.Runs;

/// <summary>How a pipeline runs.</summary>
/// <param name="Session">Where the model runs.</param>
/// <param name="ScoreThreshold">Least score of a result, or null for what the model file says.</param>
/// <param name="Follows">Whether things are followed from frame to frame.</param>
/// <param name="Smooths">Whether boxes and points of what is followed are smoothed.</param>
internal sealed record PipelineOptions(SessionOptions Session, float? ScoreThreshold, bool Follows = false, bool Smooths = false)
{
    /// <summary>Whether frames come as they do from a camera, so that one goes on from the other.</summary>
    public bool IsRealtime { get; init; }

    /// <summary>How what is behind people is drawn.</summary>
    public Background Background { get; init; } = Background.Tinted;

    /// <summary>The model that finds what the pipeline's own model looks at; null where it has none.</summary>
    public EdgeModel? Finder { get; init; }

    /// <summary>The file of faces that are known, or null.</summary>
    public string? Gallery { get; init; }
}

/// <summary>What a pipeline of pictures has to do with the frames before.</summary>
internal enum Following
{
    /// <summary>With --track a tracker follows what it finds.</summary>
    ByTracker,

    /// <summary>It smooths what it finds by itself, with --smooth and in realtime.</summary>
    Smoothing,

    /// <summary>It follows what it finds by itself, with --track, and smooths it, with --smooth; both in realtime.</summary>
    ByItself,

    /// <summary>Nothing.</summary>
    None,
}

/// <summary>A pipeline that `edgert run` knows.</summary>
/// <param name="Name">What the user types.</param>
/// <param name="Description">One line of help.</param>
/// <param name="DefaultModel">The model of the zoo it takes when none is named.</param>
internal abstract record PipelineEntry(string Name, string Description, string DefaultModel);

/// <summary>A pipeline of pictures: Create makes it, and throws when the model is for another task.</summary>
internal sealed record FrameEntry(string Name, string Description, string DefaultModel, Func<EdgeModel, PipelineOptions, FramePipeline> Create) : PipelineEntry(Name, Description, DefaultModel)
{
    /// <summary>What it has to do with the frames before.</summary>
    public Following Following { get; init; }

    /// <summary>The model of the zoo that finds what its own model looks at, where none is named; null where there are no two.</summary>
    public string? Finder { get; init; }

    /// <summary>Makes the pipeline, which follows things if asked to.</summary>
    public FramePipeline Open(EdgeModel model, PipelineOptions options) => Following switch
    {
        Following.ByTracker when options.Follows => new FollowingPipeline(this, model, options),
        Following.Smoothing => Create(model, options with { Smooths = options.Smooths || options.IsRealtime }),
        Following.ByItself => Create(model, options with { Follows = options.Follows || options.IsRealtime, Smooths = options.Smooths || options.IsRealtime }),
        _ => Create(model, options),
    };
}

/// <summary>A pipeline of sound or text: Run prints what it finds, in a way of its own.</summary>
internal sealed record PromptEntry(string Name, string Description, string DefaultModel, Action<PromptRequest, EdgeModel, TextWriter, CancellationToken> Run) : PipelineEntry(Name, Description, DefaultModel)
{
    /// <summary>What it writes to a file where it is asked to; null for nothing.</summary>
    public string? Saves { get; init; }

    /// <summary>Whether what it hears can be recorded and replayed.</summary>
    public bool Records { get; init; }
}

/// <summary>What a pipeline of sound or text is asked for.</summary>
/// <param name="Source">A file, or null.</param>
/// <param name="Prompt">A text, or null.</param>
/// <param name="Length">How much to write.</param>
/// <param name="Temperature">How freely to draw.</param>
/// <param name="Seed">Where drawing begins.</param>
/// <param name="Json">True for lines of JSON.</param>
/// <param name="Save">Where to write what comes out besides lines, or null.</param>
/// <param name="Options">How it runs.</param>
/// <param name="Load">Loads a further model by its name in the zoo, or a file, for as long as the pipeline runs.</param>
internal sealed record PromptRequest(string? Source, string? Prompt, int Length, float Temperature, ulong Seed, bool Json, string? Save, PipelineOptions Options, Func<string, EdgeModel> Load)
{
    /// <summary>Whether words are written down while they are spoken, too.</summary>
    public bool Partials { get; init; }

    /// <summary>Begins to record, once all models are loaded; null where nothing is recorded.</summary>
    public Func<SessionRecorder>? Record { get; init; }

    /// <summary>Whose sound is heard again, in place of the source's; or null.</summary>
    public SoundReplay? Replay { get; init; }
}

/// <summary>All pipelines, one line each.</summary>
internal static class PipelineCatalog
{
    /// <summary>The pipeline that takes a gallery.</summary>
    public const string Recognize = "face-recognize";

    /// <summary>The pipeline that hears voices.</summary>
    public const string Voice = "vad";

    /// <summary>The pipeline that waits for a wake word.</summary>
    public const string Listen = "listen";

    /// <summary>The pipeline of masks.</summary>
    public const string Segment = "segment";

    public static readonly PipelineEntry[] All =
    [
        new FrameEntry("face-detect", "finds faces: box, score, key points where the model has some", "blazeface-front", DetectorPipeline.Faces),
        new FrameEntry("object-detect", "finds things of 80 kinds: box, score, name", "centernet", DetectorPipeline.Objects),
        new FrameEntry(Recognize, "says whose faces there are, of those in a gallery", "face-feature", RecognizePipeline.Create) { Following = Following.ByItself, Finder = "blazeface-back" },
        new FrameEntry("face-mesh", "finds faces and 468 points of each in space", "facemesh", FacePointsPipeline.Create) { Following = Following.ByItself, Finder = "blazeface-back" },
        new FrameEntry("face-landmark", "finds faces and 68 points of each", "face-landmark", FacePointsPipeline.Create) { Following = Following.ByItself, Finder = "blazeface-back" },
        new FrameEntry("pose", "finds the joints of a person", "movenet-lightning", DetectorPipeline.Poses),
        new FrameEntry("hands", "finds hands, left and right, and 21 points of each", "hand-landmark-lite", HandsPipeline.Create) { Following = Following.ByItself, Finder = "hand-palm" },
        new FrameEntry("classify", "says what a picture shows: classes with their scores", "digits", (model, options) => new ClassifyPipeline(model, options)) { Following = Following.None },
        new FrameEntry(Segment, "tells people from what is behind them: a mask", "selfie", (model, options) => new SegmentPipeline(model, options)) { Following = Following.Smoothing },
        new PromptEntry("keyword", "hears keywords in a sound", "keywords", KeywordRun.Run) { Records = true },
        new PromptEntry(Voice, "says when someone speaks in a sound", SpeechModels.Voice, SpeechRun.Voice) { Records = true },
        new PromptEntry("wake-word", "hears a wake word in a sound", "wake-hey-jarvis", SpeechRun.WakeWord) { Records = true },
        new PromptEntry("transcribe", "writes down what is said in a sound", "moonshine-tiny-encoder", SpeechRun.Transcribe) { Saves = "captions, as FILE.vtt", Records = true },
        new PromptEntry(Listen, "waits for a wake word and writes down what is said after it", "wake-hey-jarvis", SpeechRun.Listen) { Saves = "captions, as FILE.vtt", Records = true },
        new PromptEntry("enhance", "takes noise away from speech", "gtcrn", EnhanceRun.Run) { Saves = "the sound, as FILE.wav" },
        new PromptEntry("classify-text", "says what a sentence means", "intent", TextRun.Run),
        new PromptEntry("generate", "writes text that goes on from a prompt", "generator", GenerateRun.Run),
    ];

    /// <summary>The pipeline of that name, or null.</summary>
    public static PipelineEntry? Find(string name) => Array.Find(All, p => p.Name == name);

    /// <summary>The pipeline of that name.</summary>
    /// <exception cref="EdgeException">There is none.</exception>
    public static PipelineEntry Get(string name)
    {
        if (Find(name) is { } entry) return entry;
        string meant = UsageHint.Nearest(name, All.Select(p => p.Name)) is { } nearest ? $"Did you mean '{nearest}'? " : "";
        throw new EdgeException(ErrorCode.BadUsage, $"There is no pipeline '{name}'; there is {string.Join(", ", All.Select(p => p.Name))}.", $"{meant}`edgert run --help` describes them.");
    }
}
